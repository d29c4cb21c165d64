export const en = {
  "app.version": "Version {version}",
  "app.private": "Nothing leaves this computer",
  "settings.language": "Language",
  "settings.language.system": "System",
  "settings.language.en": "English",
  "settings.language.zh": "简体中文",
  "settings.theme": "Appearance",
  "settings.theme.system": "System",
  "settings.theme.light": "Light",
  "settings.theme.dark": "Dark",
  "home.heading": "Teach a language model your own labels",
  "home.intro":
    "Ballast fine-tunes a pretrained biomedical language model (BERT or ELECTRA) on text that you have labelled yourself. On small data the same training can end well or badly by chance; Ballast comes with the techniques that make it steadier.",
  "home.use": "Intended use",
  "home.use.text":
    "Research and on-site labelling, not clinical decisions. Have a person check whatever a model labels before it counts.",
  "devices.heading": "What can train on this computer",
  "devices.intro":
    "The processor can always train. A graphics card is offered once its results agree with the processor's in a self-check.",
  "devices.looking": "Looking for devices…",
  "devices.none": "No device was found",
  "devices.none.text": "Not even the processor was listed. Restart Ballast; if this stays, reinstall it.",
  "devices.again": "Look again",
  "devices.kind.cpu": "Processor (CPU)",
  "devices.kind.gpu": "Graphics card (GPU)",
  "devices.kind.software-gpu": "Graphics driver without a card: slower than the processor",
  "devices.ready": "Ready to train",
  "devices.notReady": "Not offered for training",
  "devices.check.reference": "Other devices are checked against it.",
  "devices.check.not-checked": "Not checked yet. In a terminal: ballast devices --check",
  "devices.check.passed": "It computes the same as the processor.",
  "devices.check.failed": "Its results differ from the processor's, so it is not used for training.",
  "devices.measured": "What was measured",
  "failure.devices-unreadable": "Looking for devices stopped in the middle, most often because of a graphics driver.",
  "failure.other": "Looking for devices did not work.",
  "failure.advice":
    "Look again. If it keeps failing, update the graphics driver; training on the processor works without it.",
  "failure.details": "Details",
  "terminal.heading": "In the terminal today",
  "terminal.intro":
    "This version trains from a terminal. The command below trains on the built-in sample: synthetic notes, no real patient.",
  "terminal.own": "For your own data, put the path of your file (CSV, TSV, JSONL or CoNLL) in place of {sample}.",
  "terminal.copy": "Copy",
  "terminal.copied": "Copied",
  "terminal.copyFailed": "Copying was refused. The command is selected: press Ctrl+C, or ⌘C on a Mac.",
} as const;

export type Key = keyof typeof en;
export type Catalogue = Readonly<Record<Key, string>>;
