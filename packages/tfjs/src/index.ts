// What `@tensorflow/tfjs` brings of use here, without its layers, converter, data sets and WebGL: 270 MB of an installation. Builds
// hold it once. Other copies, as those of `@tensorflow/tfjs-node`, share its engine, its kernels and its gradients.

// the core comes first: it makes what all copies of it share
import "@tensorflow/tfjs-core";
import "./register.js";
import "./processor.js";

export * from "@tensorflow/tfjs-core";
