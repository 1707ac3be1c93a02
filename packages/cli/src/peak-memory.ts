/** Most memory that this process has held at once so far (its peak resident set), in bytes. */
export function peakMemoryBytes(): number {
  // Kilobytes on every system, by Node's own conversion.
  return 1024 * process.resourceUsage().maxRSS;
}
