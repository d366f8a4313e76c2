// Reading from the API into components.
import { useCallback, useEffect, useRef, useState } from "react";
import { asAwsError, type AwsError } from "../aws/error";
import { session } from "../session";
import { useStore } from "../store";

export interface Loaded<T> {
    data: T | undefined;
    error: AwsError | undefined;
    loading: boolean;
    reload: () => Promise<void>;
}

// `read` runs when the component appears, when a dependency or the role changes, and on reload(). The answer of an
// overtaken run is dropped.
export function useLoad<T>(read: () => Promise<T>, dependencies: readonly unknown[] = []): Loaded<T> {
    const [state, setState] = useState<{ data?: T; error?: AwsError; loading: boolean }>({ loading: true });
    const who = useStore(session.who);
    const run = useRef(0);
    const reload = useCallback(async () => {
        const mine = ++run.current;
        setState((before) => ({ ...before, loading: true }));
        try {
            const data = await read();
            if (mine === run.current) setState({ data, loading: false });
        } catch (reason) {
            if (mine === run.current) setState({ error: asAwsError(reason), loading: false });
        }
    }, [who, ...dependencies]);
    useEffect(() => {
        setState({ loading: true });
        void reload();
        return () => {
            run.current++;
        };
    }, [reload]);
    return { data: state.data, error: state.error, loading: state.loading, reload };
}

const pollMilliseconds = 3000;

// Reads again for as long as something is under way.
export function useReloadWhile(isBusy: boolean, loaded: Loaded<unknown>): void {
    const { reload, data } = loaded;
    useEffect(() => {
        if (!isBusy) return undefined;
        const timer = setTimeout(() => void reload(), pollMilliseconds);
        return () => clearTimeout(timer);
    }, [isBusy, reload, data]);
}

export interface Page<T> {
    items: T[];
    next?: string;
}

export interface Paged<T> extends Loaded<T[]> {
    hasMore: boolean;
    more: () => Promise<void>;
    search?: (text: string) => Promise<void>; // what the server finds joins the list; absent: the list is all there is
}

// Finding by the server what a long list has not read yet.
export interface Search<T> {
    find: (text: string) => Promise<T[]>;
    keyOf: (item: T) => string;
}

const firstItemsMax = 1000;
const typingMilliseconds = 150;

// A list in pages: the first thousand items at once, more when asked.
export function usePages<T>(read: (next?: string) => Promise<Page<T>>, dependencies: readonly unknown[] = [], search?: Search<T>): Paged<T> {
    const next = useRef<string | undefined>(undefined);
    const [extra, setExtra] = useState<T[]>([]);
    const [found, setFound] = useState<T[]>([]);
    const searches = useRef(0);
    const collect = async (most: number): Promise<T[]> => {
        const items: T[] = [];
        do {
            const page = await read(next.current);
            items.push(...page.items);
            next.current = page.next;
        } while (next.current && items.length < most);
        return items;
    };
    const loaded = useLoad(async () => {
        next.current = undefined;
        setExtra([]);
        setFound([]);
        return collect(firstItemsMax);
    }, dependencies);
    const known = loaded.data && [...loaded.data, ...extra];
    const keys = search && new Set(known?.map(search.keyOf));
    const hasMore = next.current !== undefined;
    const lookUp = async ({ find }: Search<T>, text: string): Promise<void> => {
        const mine = ++searches.current;
        await new Promise((resolve) => setTimeout(resolve, typingMilliseconds));
        if (mine !== searches.current || text.trim() === "") return;
        // Who may not search searches in what is loaded.
        const items = await find(text).catch(() => []);
        if (mine === searches.current) setFound(items);
    };
    return {
        ...loaded,
        data: known && [...known, ...found.filter((item) => !keys?.has(search!.keyOf(item)))],
        hasMore,
        search: search && hasMore ? (text) => lookUp(search, text) : undefined,
        more: async () => {
            const items = await collect(firstItemsMax);
            setExtra((before) => [...before, ...items]);
        },
    };
}

// All pages, for lists that are short by nature (a person's groups, an account's permission sets).
export async function everyPage<T>(read: (next?: string) => Promise<Page<T>>): Promise<T[]> {
    const items: T[] = [];
    let next: string | undefined;
    do {
        const page = await read(next);
        items.push(...page.items);
        next = page.next;
    } while (next);
    return items;
}

export interface Action {
    busy: boolean;
    error: AwsError | undefined;
    run: (work: () => Promise<unknown>) => Promise<boolean>;
    clear: () => void;
}

// One change at a time, with its error to show.
export function useAction(): Action {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<AwsError>();
    return {
        busy,
        error,
        clear: () => setError(undefined),
        run: async (work) => {
            setBusy(true);
            setError(undefined);
            try {
                await work();
                return true;
            } catch (reason) {
                setError(asAwsError(reason));
                return false;
            } finally {
                setBusy(false);
            }
        },
    };
}
