// Gradients of operations, and operations as methods of tensors. Node cannot load these modules by their paths. Where they are not
// bundled with the core, they bring its functions once more, and register with the core that was loaded before.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
