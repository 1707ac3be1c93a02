import { serveChild } from "../serve-child.js";
import { faulty } from "./faulty.js";

serveChild([faulty]);
