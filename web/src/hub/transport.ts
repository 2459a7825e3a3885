/** Whether this page came over HTTP/2, where all requests and streams share one connection (RFC 9113 §5). */
export function isMultiplexed(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return (navigation as PerformanceNavigationTiming | undefined)?.nextHopProtocol === 'h2';
}
