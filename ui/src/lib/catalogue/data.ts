export const en = {
  "data.heading": "Data",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "data.heading": "data",
};
