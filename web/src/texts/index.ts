// Every text that people read, in both languages side by side: a missing one does not compile.
import { settings, type Language } from "../settings";
import { useStore } from "../store";
import { applications } from "./applications";
import { common } from "./common";
import { eks } from "./eks";
import { iam } from "./iam";
import { identity } from "./identity";
import { identityMore } from "./identity_more";
import { organization } from "./organization";
import { policy } from "./policy";
import { records } from "./records";

const catalogue = { common, identity, identityMore, applications, organization, iam, policy, eks, records };

export type Pair = readonly [en: string, ja: string];
type Spoken<T> = { readonly [K in keyof T]: T[K] extends Pair ? string : Spoken<T[K]> };
export type Texts = Spoken<typeof catalogue>;

function speak<T extends object>(pairs: T, index: 0 | 1): Spoken<T> {
    return Object.fromEntries(
        Object.entries(pairs).map(([name, value]) => [
            name,
            Array.isArray(value) ? (value as unknown as Pair)[index] : speak(value as object, index),
        ]),
    ) as Spoken<T>;
}

const spoken: Record<Language, Texts> = { en: speak(catalogue, 0), ja: speak(catalogue, 1) };

export function textsOf(language: Language): Texts {
    return spoken[language];
}

export function useTexts(): Texts {
    return spoken[useStore(settings).language];
}

// "{0} of {1}"
export function fill(text: string, ...values: (string | number)[]): string {
    return text.replace(/\{(\d)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}

// The catalogue itself, for its test.
export const allTexts = catalogue;
