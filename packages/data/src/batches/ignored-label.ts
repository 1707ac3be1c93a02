/** Label of a position or a row that the loss ignores. */
export const IGNORED_LABEL = -100;
