export const en = {
  "failure.details": "Details",
  "failure.heading": "This did not work",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "failure.details": "详细信息",
  "failure.heading": "操作未成功",
};
