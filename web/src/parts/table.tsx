// A list of things of one kind: filter, sorting, pages, selection, and the three other states of every list (loading,
// refused, empty).
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { ReactNode } from "react";
import { fill, useTexts } from "../texts";
import { ErrorBox } from "./errors";
import { type Loaded, type Paged } from "./load";

const itemsOnPage = 50;

export interface Column<T> {
    id: string;
    header: string;
    cell: (item: T) => ReactNode;
    text?: (item: T) => string; // what is sorted by; absent: not sortable
    width?: number;
    isName?: boolean;
}

export interface TableOf<T> {
    title: string;
    description?: string;
    loaded: Loaded<T[]> | Paged<T>;
    columns: Column<T>[];
    keyOf: (item: T) => string;
    nameOf?: (item: T) => string;
    actions?: ReactNode;
    empty: { title: string; text: string; action?: ReactNode };
    selected?: T[];
    onSelect?: (items: T[]) => void;
    selection?: "single" | "multi";
    isDisabled?: (item: T) => boolean;
    variant?: TableProps.Variant;
    heading?: "h1" | "h2" | "h3";
    filter?: boolean;
}

export function ResourceTable<T>(props: TableOf<T>): ReactNode {
    const t = useTexts().common;
    const { loaded, columns, empty } = props;
    const nameOf = props.nameOf ?? props.keyOf;
    const hasMore = "hasMore" in loaded && loaded.hasMore;
    const searchable = (item: T): string => columns.map((column) => column.text?.(item) ?? "").join("\n").toLowerCase();
    const { items, collectionProps, filterProps, paginationProps, filteredItemsCount, actions } = useCollection(loaded.data ?? [], {
        filtering: {
            filteringFunction: (item, text) => searchable(item).includes(text.toLowerCase()),
        },
        pagination: { pageSize: itemsOnPage },
        sorting: {},
    });
    const noMatch = (
        <EmptyState
            title={t.noMatch}
            text={t.noMatchHint}
            action={
                <Button onClick={() => actions.setFiltering("")}>{t.clearSearch}</Button>
            }
        />
    );
    const count = loaded.data ? `(${loaded.data.length}${hasMore ? "+" : ""})` : undefined;
    const filterWanted = (props.filter ?? true) && (loaded.data?.length ?? 0) > 5;
    return (
        <SpaceBetween size="m">
            <ErrorBox error={loaded.error} retry={() => void loaded.reload()} />
            <Table
                {...collectionProps}
                variant={props.variant ?? "container"}
                items={items}
                empty={loaded.error ? "–" : filterProps.filteringText ? noMatch : <EmptyState {...empty} />}
                trackBy={props.keyOf}
                loading={loaded.loading && !loaded.data}
                loadingText={t.loading}
                columnDefinitions={columns.map((column) => ({
                    id: column.id,
                    header: column.header,
                    cell: column.cell,
                    width: column.width,
                    isRowHeader: column.isName,
                    sortingComparator: column.text && ((a: T, b: T) => column.text!(a).localeCompare(column.text!(b))),
                }))}
                selectionType={props.selection}
                selectedItems={props.selected}
                onSelectionChange={({ detail }) => props.onSelect?.(detail.selectedItems)}
                isItemDisabled={props.isDisabled}
                ariaLabels={{
                    tableLabel: props.title,
                    selectionGroupLabel: props.title,
                    allItemsSelectionLabel: () => t.selectAll,
                    itemSelectionLabel: (_, item) => fill(t.selectItem, nameOf(item)),
                }}
                wrapLines
                header={
                    <Header
                        variant={props.heading ?? "h2"}
                        counter={count}
                        description={props.description}
                        actions={
                            <SpaceBetween direction="horizontal" size="xs">
                                <Button
                                    iconName="refresh"
                                    ariaLabel={t.refresh}
                                    loading={loaded.loading && loaded.data !== undefined}
                                    onClick={() => void loaded.reload()}
                                />
                                {props.actions}
                            </SpaceBetween>
                        }
                    >
                        {props.title}
                    </Header>
                }
                filter={
                    filterWanted ? (
                        <TextFilter
                            {...filterProps}
                            onChange={(event) => {
                                filterProps.onChange(event);
                                if ("search" in loaded) void loaded.search?.(event.detail.filteringText);
                            }}
                            filteringPlaceholder={t.search}
                            filteringAriaLabel={t.search}
                            countText={fill(t.matches, filteredItemsCount ?? 0)}
                        />
                    ) : undefined
                }
                pagination={
                    (loaded.data?.length ?? 0) > itemsOnPage ? (
                        <Pagination
                            {...paginationProps}
                            ariaLabels={{
                                paginationLabel: t.pages,
                                nextPageLabel: t.nextPage,
                                previousPageLabel: t.previousPage,
                                pageLabel: (page) => fill(t.pageOf, page),
                            }}
                        />
                    ) : undefined
                }
                footer={
                    hasMore && (
                        <Box textAlign="center">
                            <Button onClick={() => void loaded.more()}>{t.loadMore}</Button>
                        </Box>
                    )
                }
            />
        </SpaceBetween>
    );
}

// Teaches: what such things are for, and the way to the first one.
export function EmptyState({ title, text, action }: { title: string; text: string; action?: ReactNode }): ReactNode {
    return (
        <Box textAlign="center" color="inherit" padding={{ vertical: "l" }}>
            <SpaceBetween size="xs">
                <Box variant="strong" color="inherit">
                    {title}
                </Box>
                <Box variant="p" color="text-body-secondary">
                    {text}
                </Box>
                {action}
            </SpaceBetween>
        </Box>
    );
}
