export const en = {
  "failure.details": "Details",
  "failure.heading": "This did not work",
} as const;

export const zh: Record<keyof typeof en, string> = {
  "failure.details": "详细信息",
  "failure.heading": "操作未成功",
};

/** What the engine's errors say in languages other than English, by their code; the English sentence is the engine's own. */
export const sentences: { zh: Record<string, string> } = {
  zh: {
    "archive-bad": "{path} 不是包含编码器的 zip 压缩包。请选择编码器文件夹的压缩包。",
    "bad-row": "严格模式下，遇到第一行无法使用的数据即停止（{issue}）。请修正该行，或关闭严格模式。",
    "broken-off": "操作中途中断，多半是显卡驱动的问题。请再试一次。",
    busy: "有一次训练正在进行。请等它结束，或先暂停它。",
    cancelled: "读取在完成之前被取消。请重新读取。",
    "checkpoint-mismatch": "检查点 {path} 不属于这次训练，无法从这里继续。请重新开始训练。",
    "column-missing": "{path} 中没有名为“{name}”的列。现有的列：{available}。",
    "column-unclear": "无法判断 {path} 中哪些列是所需内容。请在“数据”页面指定。现有的列：{available}。",
    "conll-columns":
      "{path} 第 {line} 行有 {found} 列，而文件其他行有 {expected} 列。CoNLL 每行应为一个词及其标签（2 列）或 4 列。",
    "data-changed": "训练开始之后，{path} 中的数据已被改动。请恢复原来的数据，或开始一次新的训练。",
    "data-empty": "{path} 是空文件。请选择至少含有表头和几行数据的文件。",
    "data-file": "无法读写 {path}（{cause}）。请检查权限和磁盘空间。",
    "data-missing": "找不到文件或文件夹 {path}。请检查路径。",
    "data-not-text": "{path} 不是文本文件。请另存为 CSV、TSV、JSONL 或 CoNLL（电子表格软件中选“另存为 CSV”）。",
    "data-other": "这次训练所用的数据（{path}）不是该研究计划使用的数据。请用计划的数据重新训练。",
    "delimiter-bad": "“{delimiter}”不能用作表格的分隔符。常用的有逗号、分号、制表符和竖线。",
    "device-broke":
      "训练中途设备出错。最后一个检查点之前学到的内容都已保留：可以继续训练；如果再次出错，请换一个设备。",
    "device-failed": "设备 {name} 未通过自检，不会用于训练。请选择其他设备，例如 CPU。",
    "device-unknown": "本机没有名为“{name}”的设备。现有设备：{available}。",
    "disk-full": "磁盘已满，无法写入 {path}。请腾出空间，然后重试或继续。",
    "encoder-changed": "训练开始之后，{path} 中的编码器已被改动。请恢复原样，或开始一次新的训练。",
    "encoder-config-invalid": "{path} 无法使用。请重新下载该编码器的 config.json。",
    "encoder-config-missing": "{path} 中没有 config.json。编码器文件夹应包含 config.json、权重和分词器，与下载时相同。",
    "encoder-exists": "编码器库中已有名为“{name}”的编码器。请先移除它，或重命名文件夹。",
    "encoder-other": "这次训练所用的编码器（{path}）不是该研究计划使用的编码器。请用计划的编码器重新训练。",
    "encoder-file": "无法读写 {path}（{cause}）。请检查权限和磁盘空间。",
    "encoder-folder-missing": "{path} 处没有编码器文件夹。请选择包含 config.json 和权重的文件夹。",
    "encoder-number-type": "{path} 中的张量“{name}”使用了不支持的数值类型 {type}。",
    "encoder-pickle-with-code":
      "{path} 中含有 Python 对象（{object}），而那里只应有张量。Ballast 从不运行模型文件中的代码。请获取 model.safetensors 格式的权重。",
    "encoder-shape-mismatch":
      "{path} 中张量“{name}”的形状是 [{found}]，而 config.json 要求 [{expected}]。这两个文件不属于同一个编码器。",
    "encoder-tensor-missing": "{path} 中缺少张量“{name}”。权重与 config.json 不属于同一个编码器。",
    "encoder-tokenizer-missing": "{path} 中没有分词器。需要 tokenizer.json 或 vocab.txt。",
    "encoder-type-unsupported": "{path}：尚不支持“{model_type}”类型的编码器。Ballast 可微调 BERT 和 ELECTRA。",
    "encoder-unknown": "没有名为“{name}”的编码器。请选择文件夹，或以下之一：{known}。",
    "encoder-weights-damaged": "{path} 中的权重已损坏或不完整。请重新下载该文件。",
    "encoder-weights-missing": "{path} 中没有权重。需要 model.safetensors、pytorch_model.bin，或带索引的分片文件。",
    file: "无法读写 {path}（{cause}）。请检查权限和磁盘空间。",
    "gave-up":
      "这次训练在写入检查点之前已使程序中断 {tries} 次，因此不再自动继续。可以手动继续（如有其他设备，请换一个），或丢弃它。",
    "job-missing": "队列中没有编号为“{id}”的训练。",
    malformed: "{path} 第 {line} 行的格式有误（{reason}）。请修正文件，或确认所选格式正确。",
    "entities-unmarked":
      "文本中没有标出两个实体。请按训练数据的方式标出，例如 @GENE$，或 [E1] … [/E1] 和 [E2] … [/E2]。",
    "encoding-unknown": "没有名为“{name}”的字符编码。请在“数据”页面选择其他编码。",
    "model-not-trained": "{path} 不是 Ballast 训练的模型。",
    "negative-missing": "没有名为“{name}”的标签。现有的标签：{available}。请另选表示没有关系的标签。",
    "no-data": "尚未打开任何数据。请先选择文件。",
    "no-blurb":
      "{path} 中没有 BLURB 数据集的文件夹。应至少有 BC5-chem、BC5-disease、NCBI-disease、BC2GM、JNLPBA、EBM-PICO、ChemProt、DDI、GAD、BIOSSES、HoC、PubMedQA、BioASQ 之一，其中含 train、dev 和 test 文件。",
    "no-entities": "{path} 中没有标注任何实体。模型需要实例来学习要找什么。",
    "no-labels": "{path} 中没有任何标签。请检查哪一列是标签。",
    "no-usable-text": "{path} 中没有任何含有文本的行。",
    "one-class-only": "{path} 中所有样本的标签都是“{label}”。模型至少需要两个类别才能区分。",
    "one-score-only": "{path} 中所有句对的分值都是 {score}。模型需要不同的分值才能学习。",
    "output-exists": "{path} 已存在且不为空。请为结果选择另一个文件夹。",
    "output-folder-missing": "要写入的文件夹 {path} 不存在。请先创建它。",
    "output-format":
      "{path} 无法写成预测结果。文件名请以 .csv、.xlsx、.parquet 或 .jsonl 结尾；标注词的模型还可用 .conll、.xml、.json、.pubtator，或不带扩展名（brat 文件夹）。",
    "output-is-folder": "{path} 是文件夹。请给出用于保存预测结果的文件名。",
    "output-is-input": "预测结果会覆盖输入文件 {path}。请另选一个文件。",
    "output-no-tags":
      "{path} 无法写成这种格式：该模型标注的是整段文本而不是词。文件名请以 .csv、.xlsx、.parquet 或 .jsonl 结尾。",
    "pair-needed": "该模型同时读取两段文本，{path} 无法使用。请选择一个表格，其中的“{column}”列是第二段文本。",
    paused: "已暂停：检查点已写好，可以继续训练。",
    recipe: "训练方案中有无法使用的值。请在“训练方案”页面改正。",
    "run-busy": "{path} 中的训练正由另一个程序进行。请等它结束，或先停止它。",
    "run-ended": "{path} 中的训练已经结束，没有可继续的内容。",
    "run-missing": "{path} 不是训练文件夹。",
    "sample-unknown": "没有名为“{name}”的示例。",
    "arm-unknown": "这项研究中没有名为“{name}”的方案。现有的方案：{known}。",
    "ensemble-of-folds": "交叉验证的各次训练使用了不同的样本，没有可以共同测试的文本。请运行不含交叉验证的研究。",
    "ensemble-too-small": "“{arm}”只有 {runs} 次训练有模型；合成至少需要两次。",
    "fold-invalid": "“{fold}”不是有效的折。折从 1 开始编号，至少要有两折。",
    "study-empty": "研究至少需要一个{what}。",
    "study-missing": "{path} 不是研究文件夹。",
    "study-repeats": "“{name}”与自身比较。每个预设和编码器只需选一次。",
    "study-too-large": "共 {runs} 次训练，超过研究允许的 {most} 次。请减少预设、种子或折数。",
    "study-unfinished": "这项研究还没有训练得出得分。请继续运行，或查看各次训练出了什么问题。",
    "too-few-for-folds":
      "{path} 中只有 {count} 个样本（或保持完整的分组），不够分成 {folds} 折。请减少折数，或为每个集合各提供一个文件。",
    "split-empty": "数据划分“{split}”中没有任何样本。",
    "split-shares": "开发集（{dev}）和测试集（{test}）的比例必须大于 0，并至少留一半用于训练。",
    stopped: "已在完成之前停止。",
    "task-unfit": "{path} 的格式是 {format}，无法用于“{task}”任务。请选择其他任务，或换一个文件。",
    "thread-missing": "无法启动训练线程。请关闭其他程序，然后重新启动 Ballast。",
    "threshold-range": "阈值 {threshold} 不是 0 与 1 之间的概率。",
    tokenizer: "无法使用该编码器的分词器。请重新下载编码器。",
    "too-few-examples": "{path} 中只有 {count} 个可用样本，不足以划分出开发集和测试集；至少需要 {needed} 个。",
    "too-few-groups":
      "{path} 中的样本只属于 {count} 个分组，无法让每个分组完整地落在训练集、开发集或测试集中。请换一个分组列，或为每个集合各提供一个文件。",
    "too-many-bad-rows":
      "{path} 的 {total} 行中有 {bad} 行无法使用，超过十分之一。请查看下方列出的行，修正文件，或检查列的对应关系。",
    "too-many-labels": "{path} 有 {count} 个不同的标签，多到模型无法区分。请为标签另选一列。",
    "train-missing":
      "{path} 中没有名为 train 的文件（.csv、.tsv、.jsonl、.conll）。请将文件命名为 train、dev 和 test，或只选择一个文件。",
    "training-not-finite":
      "训练失稳：连续 {steps} 步的损失或梯度不是有限数值，最后一次在第 {step} 步。请降低学习率再试。",
    "vocabulary-mismatch": "分词器有 {tokenizer} 个词片，而编码器只有 {encoder} 个嵌入。两者不属于同一个编码器。",
    "workspace-missing": "找不到可用于工作的文件夹。请在“设置”中选择一个。",
  },
};
