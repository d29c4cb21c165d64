export const en = {
  "home.heading": "Teach a language model your own labels",
  "home.intro":
    "Ballast fine-tunes a pretrained biomedical language model (BERT or ELECTRA) on text that you have labelled yourself. On small data the same training can end well or badly by chance; Ballast comes with the techniques that make it steadier.",
  "home.use": "Intended use",
  "home.use.text":
    "Research and on-site labelling, not clinical decisions. Have a person check whatever a model labels before it counts.",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "home.heading": "让语言模型学会您自己的标签",
  "home.intro":
    "Ballast 用您自己标注的文本微调预训练的生物医学语言模型（BERT 或 ELECTRA）。数据量小时，同样的训练结果可能时好时坏，全凭运气；Ballast 内置了让训练更稳定的方法。",
  "home.use": "预期用途",
  "home.use.text": "仅用于科研和本地文本标注，不用于临床决策。模型给出的标签须经人工核对后方可采用。",
};
