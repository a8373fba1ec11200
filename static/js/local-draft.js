// Local draft: the copy of this entry's unsaved text in the browser, shared by all modules of the editor.
import { DraftWriter } from "./draft-writer.js";

export const draft = new DraftWriter();
