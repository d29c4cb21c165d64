export const en = {
  "home.heading": "Teach a language model your own labels",
  "home.intro":
    "Ballast fine-tunes a pretrained biomedical language model (BERT or ELECTRA) on text that you have labelled yourself. On small data the same training can end well or badly by chance; Ballast comes with the techniques that make it steadier.",
  "home.use": "Intended use",
  "home.use.text":
    "Research and on-site labelling, not clinical decisions. Have a person check whatever a model labels before it counts.",
  "home.start": "Start with my data",
  "home.sample": "Try it with the sample",
  "home.sample.what":
    "Trains on 600 synthetic hospital notes that Ballast brings along: no real patient, a minute or two.",
  "home.starting": "Starting…",
  "home.go": "Go on where you were",
  "home.runs": "Recent runs",
  "home.runs.all": "All runs",
  "home.runs.none": "No run yet. The first one takes a few minutes.",
  "home.runs.looking": "Looking for runs…",
  "home.devices": "Devices",
  "home.devices.more": "More about devices",
  "home.free": "{free} of {all} free",
  "home.resume": "Go on",
  "home.dev": "dev",
  "home.test": "test",
  "home.failed": "No better than guessing",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "home.heading": "让语言模型学会您自己的标签",
  "home.intro":
    "Ballast 用您自己标注的文本微调预训练的生物医学语言模型（BERT 或 ELECTRA）。数据量小时，同样的训练结果可能时好时坏，全凭运气；Ballast 内置了让训练更稳定的方法。",
  "home.use": "预期用途",
  "home.use.text": "仅用于科研和本地文本标注，不用于临床决策。模型给出的标签须经人工核对后方可采用。",
  "home.start": "使用我的数据",
  "home.sample": "用示例试一试",
  "home.sample.what": "使用 Ballast 自带的合成病历进行训练：不含真实患者，约需一两分钟。",
  "home.starting": "正在启动…",
  "home.go": "继续上次的工作",
  "home.runs": "最近的训练",
  "home.runs.all": "全部训练",
  "home.runs.none": "尚无训练。第一次只需几分钟。",
  "home.runs.looking": "正在查找训练…",
  "home.devices": "设备",
  "home.devices.more": "查看设备详情",
  "home.free": "可用 {free}，共 {all}",
  "home.resume": "继续",
  "home.dev": "开发集",
  "home.test": "测试集",
  "home.failed": "不优于猜测",
};
