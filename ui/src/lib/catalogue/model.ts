export const en = {
  "model.heading": "Model",
  "model.intro":
    "Choose the encoder to start from: a language model that has already read much text and now learns your task.",
  "model.loading": "Looking at the encoders…",
  "model.legend": "Encoders",
  "model.family.bert": "BERT",
  "model.family.electra": "ELECTRA",
  "model.domain.general": "General text",
  "model.domain.biomedical": "Biomedical text",
  "model.domain.none": "Not pretrained",
  "model.cased.yes": "Capitals matter",
  "model.cased.no": "Capitals ignored",
  "model.layers": "Layers",
  "model.hidden": "Hidden size",
  "model.vocabulary": "Vocabulary",
  "model.parameters": "Parameters",
  "model.size": "Size on disk",
  "model.positions": "Longest text",
  "model.positions.value": "{n} word pieces",
  "model.licence": "Licence",
  "model.licence.none": "not stated",
  "model.millions": "{n} M",
  "model.starter": "Comes with Ballast",
  "model.random":
    "Random weights: it knows nothing of language, and scores will be low. Good for trying Ballast out. Add a pretrained encoder for real work.",
  "model.notes": "Notes from the check ({n})",
  "model.gone": "The encoder chosen before, {name}, is no longer in the library. Choose another.",

  "model.why": "Which one should I choose?",
  "model.why.domain":
    "An encoder that has read biomedical text usually understands clinical notes and abstracts better than one for general text.",
  "model.why.size":
    "More layers and parameters often score higher, but take more time and memory. Start with a small one: it shows in minutes whether the data is right.",
  "model.why.length": "Texts longer than the longest text are read in overlapping windows. Nothing is cut off.",

  "model.add.heading": "Add an encoder",
  "model.add.text": "Choose its folder or a zip of it, or drop it on this window.",
  "model.add.folder": "Add a folder",
  "model.add.zip": "Add a zip",
  "model.add.path": "Or type where it is",
  "model.add.path.hint": "For example D:\\encoders\\BiomedBERT-base",
  "model.add.go": "Add",
  "model.adding": "Checking and copying {name}…",
  "model.adding.hint": "All weights are read, which takes from seconds to a minute.",
  "model.where": "Where do I get encoders?",
  "model.where.text":
    "Ballast downloads nothing. Download an encoder from Hugging Face (huggingface.co) on a computer with internet access, all files of its folder, and bring it here on a stick or a shared drive.",
  "model.where.names":
    "Good for biomedical text: BiomedBERT (also called PubMedBERT), BioBERT, SciBERT, Bio_ClinicalBERT, BioLinkBERT, BlueBERT, BiomedELECTRA, BioELECTRA.",
  "model.where.files":
    "The folder must hold config.json, the weights (model.safetensors or pytorch_model.bin) and the tokenizer (tokenizer.json or vocab.txt). The name of the folder becomes the name of the encoder.",
  "model.where.licence": "Read the licence of an encoder before you use it, above all in commercial work.",

  "model.added": "{name} was added and is now chosen",
  "model.added.layers": "{family} with {n} layers",
  "model.added.weights": "Weights complete: {n} parameters",
  "model.added.tokenizer": "Tokenizer with {n} word pieces",
  "model.added.clean": "Nothing out of the ordinary was found.",
  "model.failed": "{path} was not added.",
  "model.failed.existing": "Choose the one in the library",
  "model.failed.other": "Choose another folder",
  "model.hint.encoder-exists":
    "If yours is another encoder, rename its folder and add it again, or remove the one in the library first.",
  "model.hint.encoder-folder-missing": "Check the spelling, and whether the stick or drive is connected.",
  "model.hint.encoder-config-missing":
    "config.json is missing. Choose the folder that directly holds config.json, and download all files again if there is none.",
  "model.hint.encoder-config-invalid":
    "config.json cannot be used. Download it again; it may be damaged or incomplete.",
  "model.hint.encoder-type-unsupported":
    "Ballast fine-tunes BERT and ELECTRA encoders. Bring one of these, such as BiomedBERT or BiomedELECTRA.",
  "model.hint.encoder-weights-missing":
    "The weights are missing: model.safetensors or pytorch_model.bin. They are the largest file; download it as well.",
  "model.hint.encoder-weights-damaged":
    "The weights are damaged, most often by a download that broke off. Download them again.",
  "model.hint.encoder-pickle-with-code":
    "The file with the weights wants to run program code, which Ballast never does. Bring model.safetensors of this encoder instead.",
  "model.hint.encoder-tensor-missing":
    "Some weights are missing. The files may belong to different encoders; download all again.",
  "model.hint.encoder-shape-mismatch": "Weights and config.json do not belong together. Download all files again.",
  "model.hint.encoder-number-type":
    "Its weights are stored in a number format that Ballast does not read, such as a quantized one. Bring the original.",
  "model.hint.encoder-tokenizer-missing": "The tokenizer is missing: tokenizer.json or vocab.txt. Download it as well.",
  "model.hint.archive-bad": "The zip cannot be read or holds no encoder. Unpack it, and add the folder instead.",

  "model.remove": "Remove",
  "model.remove.name": "Remove {name}",
  "model.remove.heading": "Remove this encoder?",
  "model.remove.text":
    "{name} ({size}) is deleted from the library on this computer. Runs that began with it keep their models. To use it again, add it again.",
  "model.remove.keep": "Keep it",
  "model.remove.yes": "Remove the encoder",
  "model.next": "Choose a recipe",
  "model.next.chosen": "Chosen: {name}",
  "model.next.none": "Choose an encoder first.",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "model.heading": "模型",
  "model.intro": "选择训练的起点：一个已经读过大量文本的语言模型（编码器），它将学习您的任务。",
  "model.loading": "正在查看编码器…",
  "model.legend": "编码器",
  "model.family.bert": "BERT",
  "model.family.electra": "ELECTRA",
  "model.domain.general": "通用文本",
  "model.domain.biomedical": "生物医学文本",
  "model.domain.none": "未经预训练",
  "model.cased.yes": "区分大小写",
  "model.cased.no": "不区分大小写",
  "model.layers": "层数",
  "model.hidden": "隐藏维度",
  "model.vocabulary": "词表",
  "model.parameters": "参数量",
  "model.size": "占用磁盘",
  "model.positions": "最长文本",
  "model.positions.value": "{n} 个词片",
  "model.licence": "许可证",
  "model.licence.none": "未注明",
  "model.millions": "{n} M",
  "model.starter": "Ballast 自带",
  "model.random": "随机权重：它不懂任何语言，得分会很低。适合试用 Ballast；正式工作请添加预训练的编码器。",
  "model.notes": "检查所得说明（{n}）",
  "model.gone": "之前选择的编码器 {name} 已不在库中，请另选一个。",

  "model.why": "应该选哪一个？",
  "model.why.domain": "读过生物医学文本的编码器，通常比通用编码器更能理解病历和论文摘要。",
  "model.why.size": "层数和参数越多，得分往往越高，但需要更多时间和内存。建议先用小的：几分钟就能看出数据是否合适。",
  "model.why.length": "超过最长文本的内容会分成相互重叠的窗口来读，不会被截断。",

  "model.add.heading": "添加编码器",
  "model.add.text": "选择它的文件夹或 zip 压缩包，也可以直接拖到此窗口。",
  "model.add.folder": "添加文件夹",
  "model.add.zip": "添加 zip",
  "model.add.path": "或输入所在位置",
  "model.add.path.hint": "例如 D:\\encoders\\BiomedBERT-base",
  "model.add.go": "添加",
  "model.adding": "正在检查并复制 {name}…",
  "model.adding.hint": "会读取全部权重，需要几秒到一分钟。",
  "model.where": "从哪里获取编码器？",
  "model.where.text":
    "Ballast 不下载任何内容。请在能上网的电脑上从 Hugging Face（huggingface.co）下载编码器文件夹中的全部文件，再用 U 盘或共享盘带到这里。",
  "model.where.names":
    "适合生物医学文本的有：BiomedBERT（又名 PubMedBERT）、BioBERT、SciBERT、Bio_ClinicalBERT、BioLinkBERT、BlueBERT、BiomedELECTRA、BioELECTRA。",
  "model.where.files":
    "文件夹中必须有 config.json、权重（model.safetensors 或 pytorch_model.bin）和分词器（tokenizer.json 或 vocab.txt）。文件夹名就是编码器的名称。",
  "model.where.licence": "使用前请阅读编码器的许可证，商业用途尤其如此。",

  "model.added": "已添加并选中 {name}",
  "model.added.layers": "{family}，{n} 层",
  "model.added.weights": "权重完整：{n} 个参数",
  "model.added.tokenizer": "分词器含 {n} 个词片",
  "model.added.clean": "未发现异常。",
  "model.failed": "未能添加 {path}。",
  "model.failed.existing": "选用库中的那一个",
  "model.failed.other": "选择其他文件夹",
  "model.hint.encoder-exists": "如果您的是另一个编码器，请将其文件夹改名后再添加，或先移除库中的那一个。",
  "model.hint.encoder-folder-missing": "请检查拼写，以及 U 盘或共享盘是否已连接。",
  "model.hint.encoder-config-missing":
    "缺少 config.json。请选择直接包含 config.json 的文件夹；如果没有，请重新下载全部文件。",
  "model.hint.encoder-config-invalid": "config.json 无法使用，可能已损坏或不完整，请重新下载。",
  "model.hint.encoder-type-unsupported":
    "Ballast 可微调 BERT 和 ELECTRA 编码器。请使用这两类之一，例如 BiomedBERT 或 BiomedELECTRA。",
  "model.hint.encoder-weights-missing":
    "缺少权重文件：model.safetensors 或 pytorch_model.bin。它是最大的文件，请一并下载。",
  "model.hint.encoder-weights-damaged": "权重已损坏，多半是下载中断所致，请重新下载。",
  "model.hint.encoder-pickle-with-code":
    "该权重文件试图运行程序代码，Ballast 从不这样做。请改用此编码器的 model.safetensors。",
  "model.hint.encoder-tensor-missing": "缺少部分权重。这些文件可能来自不同的编码器，请重新下载全部文件。",
  "model.hint.encoder-shape-mismatch": "权重与 config.json 不匹配，请重新下载全部文件。",
  "model.hint.encoder-number-type": "其权重采用 Ballast 无法读取的数值格式（例如量化格式），请使用原始版本。",
  "model.hint.encoder-tokenizer-missing": "缺少分词器：tokenizer.json 或 vocab.txt，请一并下载。",
  "model.hint.archive-bad": "该 zip 无法读取，或其中没有编码器。请解压后添加文件夹。",

  "model.remove": "移除",
  "model.remove.name": "移除 {name}",
  "model.remove.heading": "移除此编码器？",
  "model.remove.text": "{name}（{size}）将从本机的库中删除。用它训练过的模型会保留。如需再次使用，请重新添加。",
  "model.remove.keep": "保留",
  "model.remove.yes": "移除编码器",
  "model.next": "选择训练方案",
  "model.next.chosen": "已选：{name}",
  "model.next.none": "请先选择一个编码器。",
};
