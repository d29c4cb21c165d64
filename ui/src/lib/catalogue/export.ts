export const en = {
  "export.heading": "Take the model elsewhere",
  "export.intro":
    "A folder that Hugging Face transformers loads as it is, with a model card. It holds no text of your data and no path of this computer.",
  "export.run": "Model",
  "export.form": "As",
  "export.form.folder": "A folder",
  "export.form.zip": "A zip",
  "export.form.onnx": "ONNX",
  "export.form.onnx-half": "ONNX, half the size",
  "export.form.bundle": "For another Ballast",
  "export.why.bundle":
    "One file with model, recipe, scores and what its study found, without any text or id of your data. Another Ballast takes it in under Results.",
  "export.checked": "Checked on {n} texts: it says what the model says, within {difference}.",
  "export.why.onnx":
    "model.onnx runs in ONNX Runtime and most other programs. It takes input_ids, attention_mask and token_type_ids, which tokenizer.json makes, and gives logits; README.md beside it says how to read them.",
  "export.path": "Where",
  "export.choose": "Choose where…",
  "export.start": "Export",
  "export.busy": "Writing…",
  "export.done": "Written: {size}, to {path}",
  "export.needs": "Choose where to write it.",
  "export.open": "Open the folder",
  "export.card": "Model card",
  "export.why.label": "How do colleagues load it?",
  "export.why":
    'In Python: from transformers import AutoTokenizer, {head}; {head}.from_pretrained("the-folder"). A zip is unpacked first.',
} as const;

export const zh: Record<keyof typeof en, string> = {
  "export.heading": "导出模型",
  "export.intro": "可由 Hugging Face transformers 直接加载的文件夹，附模型卡。不含您的数据文本，也不含本机路径。",
  "export.run": "模型",
  "export.form": "形式",
  "export.form.folder": "文件夹",
  "export.form.zip": "zip 压缩包",
  "export.form.onnx": "ONNX",
  "export.form.onnx-half": "ONNX（体积减半）",
  "export.form.bundle": "供另一台 Ballast 使用",
  "export.why.bundle":
    "单个文件，包含模型、配方、分数及所属研究的结论，不含您数据的任何文本或编号。在另一台 Ballast 的“结果”中导入。",
  "export.checked": "已用 {n} 篇文本核对：它与模型的输出一致，相差不超过 {difference}。",
  "export.why.onnx":
    "model.onnx 可在 ONNX Runtime 及大多数其他程序中运行。输入为 input_ids、attention_mask 和 token_type_ids（由 tokenizer.json 生成），输出为 logits；旁边的 README.md 说明如何解读。",
  "export.path": "位置",
  "export.choose": "选择位置…",
  "export.start": "导出",
  "export.busy": "正在写入…",
  "export.done": "已写入：{size}，位于 {path}",
  "export.needs": "请选择保存位置。",
  "export.open": "打开文件夹",
  "export.card": "模型卡",
  "export.why.label": "同事如何加载？",
  "export.why":
    '在 Python 中：from transformers import AutoTokenizer, {head}; {head}.from_pretrained("the-folder")。zip 需先解压。',
};
