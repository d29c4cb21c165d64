export const en = {
  "settings.language": "Language",
  "settings.language.system": "System",
  "settings.language.en": "English",
  "settings.language.zh": "简体中文",
  "settings.theme": "Appearance",
  "settings.theme.system": "System",
  "settings.theme.light": "Light",
  "settings.theme.dark": "Dark",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "settings.language": "语言",
  "settings.language.system": "跟随系统",
  "settings.language.en": "English",
  "settings.language.zh": "简体中文",
  "settings.theme": "外观",
  "settings.theme.system": "跟随系统",
  "settings.theme.light": "浅色",
  "settings.theme.dark": "深色",
};
