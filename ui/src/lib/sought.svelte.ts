/** The example of a run that another screen points at: its results begin with it. */
export const sought = $state<{ run: string; example: string }>({ run: "", example: "" });
