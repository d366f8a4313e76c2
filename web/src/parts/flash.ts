// Messages above the page: what was done, what failed.
import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { Store } from "../store";

export interface Message {
    id: string;
    type: FlashbarProps.Type;
    header?: string;
    text: string;
}

export const messages = new Store<Message[]>([]);
let count = 0;

const shownMax = 5;
const successesMax = 2; // more of them only push the page down

export function notify(type: FlashbarProps.Type, text: string, header?: string): void {
    const id = String(++count);
    const successes = messages.get().filter((message) => message.type === "success");
    const dropped = type === "success" ? successes.slice(0, 1 - successesMax) : [];
    const kept = messages.get().filter((message) => !dropped.includes(message));
    messages.set([...kept.slice(1 - shownMax), { id, type, text, header }]);
    if (type === "success") setTimeout(() => dismiss(id), 8000);
}

export function dismiss(id: string): void {
    messages.set(messages.get().filter((message) => message.id !== id));
}

// What was said on one page is not said on the next, unless the program itself went there.
export function dismissAll(): void {
    messages.set([]);
}
