import { currentLanguage } from '../../lib/i18n'

/** "20 MB", "3.4 kB", "12 byte". */
export function sizeOf(bytes: number): string {
  const [unit, value] =
    bytes >= 1024 * 1024
      ? ['megabyte', bytes / 1024 / 1024]
      : bytes >= 1024
        ? ['kilobyte', bytes / 1024]
        : ['byte', bytes]
  return new Intl.NumberFormat(currentLanguage(), {
    style: 'unit',
    unit: unit as string,
    maximumFractionDigits: Number(value) < 10 ? 1 : 0,
  }).format(Number(value))
}
