export const en = {
  "predict.heading": "Predict",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "predict.heading": "predict",
};
