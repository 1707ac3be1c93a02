/** A method, and what its learning starts from. */
export const methodName = ({ method, start }: { method: string; start?: string }): string =>
  start === undefined ? method : `${method} from ${start}`;
