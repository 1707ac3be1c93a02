#!/usr/bin/env bash
# Everything that is to be known of the webgpu engine on a real GPU, in one run of some minutes:
#
#   npm ci && npm run build
#   bash tooling/devices/check-gpu.sh /usr/share/vulkan/icd.d/nvidia_icd.json > gpu.log 2>&1
#
# The argument is the manifest of the GPU's Vulkan driver; without one the Vulkan loader chooses. On Linux the loader is needed
# (libvulkan1). Goes on where a part fails, and ends with 1 then.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
export LIGO_REQUIRE_WEBGPU=1
if [[ -n "${1:-}" ]]; then export VK_DRIVER_FILES="$1" VK_ICD_FILENAMES="$1"; fi
failed=0
part() {
  echo "== $*"
  "$@" || failed=1
}
part npx ligo doctor
part npx vitest run packages/engine tooling/devices
part node tooling/fixtures/check-engines.mjs webgpu 20 200
for precision in f32 f16; do
  part npm run --silent perf -w apps/bench -- --engine webgpu --precision "$precision" --rounds 1 \
    --case ligo-base --case train-base --case train-llama
done
exit "$failed"
