import { LigoError } from "@ligo/core";

/** Something could not be had from the Hugging Face hub or its cache. Codes start with `hub/`. Never holds a token. */
export class HubError extends LigoError {}
