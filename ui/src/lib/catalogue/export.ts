export const en = {
  "export.heading": "Export",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "export.heading": "export",
};
