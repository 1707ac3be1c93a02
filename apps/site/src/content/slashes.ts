/** A path of files as addresses spell it, on Windows too. */
export const slashes = (path: string): string => path.replaceAll("\\", "/");
