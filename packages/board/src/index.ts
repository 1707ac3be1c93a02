export { BoardError } from "./board-error.js";
export { serveBoard, type Board, type BoardOptions } from "./server/serve-board.js";
