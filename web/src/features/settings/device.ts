const systems: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux/, 'Linux'],
]
const browsers: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

/** "Firefox, Linux", from what a browser says of itself; undefined if it says nothing known. */
export function deviceOf(userAgent: string | null): string | undefined {
  if (!userAgent) return undefined
  const found = [browsers, systems].map((list) => list.find(([sign]) => sign.test(userAgent))?.[1])
  return found.filter(Boolean).join(', ') || userAgent.slice(0, 40)
}
