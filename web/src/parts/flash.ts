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

export function notify(type: FlashbarProps.Type, text: string, header?: string): void {
    const id = String(++count);
    messages.set([...messages.get().slice(-4), { id, type, text, header }]);
    if (type === "success") setTimeout(() => dismiss(id), 8000);
}

export function dismiss(id: string): void {
    messages.set(messages.get().filter((message) => message.id !== id));
}

// What was said on one page is not said on the next, unless the program itself went there.
export function dismissAll(): void {
    messages.set([]);
}
