/** A setting kept in the window's own storage. Reads `fallback` where nothing valid is stored or storage is off. */
export function remembered<T extends string>(key: string, choices: readonly T[], fallback: T): T {
  try {
    const stored = localStorage.getItem(key);
    return choices.find((choice) => choice === stored) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Keeps a setting for the next start; where storage is off it lasts until the window closes. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The setting holds in memory all the same.
  }
}
