// What `@tensorflow/tfjs` brings of use here, without its layers, converter, data sets and WebGL: 220 MB of an installation.

// the core comes first: it makes what all copies of it share
import "@tensorflow/tfjs-core";
import "./register.js";
import "./processor.js";

export * from "@tensorflow/tfjs-core";
