import * as app from "./app";
import * as check from "./check";
import * as data from "./data";
import * as devices from "./devices";
import * as exporting from "./export";
import * as failure from "./failure";
import * as home from "./home";
import * as label from "./label";
import * as model from "./model";
import * as predict from "./predict";
import * as recipe from "./recipe";
import * as results from "./results";
import * as settings from "./settings";
import * as study from "./study";
import * as train from "./train";

export const en = {
  ...app.en,
  ...home.en,
  ...data.en,
  ...check.en,
  ...label.en,
  ...model.en,
  ...recipe.en,
  ...train.en,
  ...study.en,
  ...results.en,
  ...predict.en,
  ...exporting.en,
  ...devices.en,
  ...settings.en,
  ...failure.en,
} as const;

export type Key = keyof typeof en;
export type Catalogue = Readonly<Record<Key, string>>;

export const zh: Catalogue = {
  ...app.zh,
  ...home.zh,
  ...data.zh,
  ...check.zh,
  ...label.zh,
  ...model.zh,
  ...recipe.zh,
  ...train.zh,
  ...study.zh,
  ...results.zh,
  ...predict.zh,
  ...exporting.zh,
  ...devices.zh,
  ...settings.zh,
  ...failure.zh,
};

export { sentences } from "./failure";
