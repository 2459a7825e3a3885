/** Whether this page came over HTTP/2 or HTTP/3, where all requests and streams share one connection (RFC 9113 §5, 9114 §4). */
export function isMultiplexed(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return /^h[23]/.test((navigation as PerformanceNavigationTiming | undefined)?.nextHopProtocol ?? '');
}
