/** The parts of a page that changed, as the server sends them to it. */
export interface Update {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}
