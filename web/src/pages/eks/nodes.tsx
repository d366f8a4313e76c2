// Node groups of a cluster: listed, resized, deleted.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { eksApi, type Cluster, type Nodegroup } from "../../api/eks";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { useLoad, useReloadWhile } from "../../parts/load";
import { ResourceTable } from "../../parts/table";
import { href } from "../../router";
import { fill, useTexts } from "../../texts";
import { isUnderWay, State } from "./clusters";
import { isSize, readSize, SizeFields, type SizeTexts } from "./size";

function Scale({ cluster, group, onClose, onDone }: { cluster: string; group: Nodegroup; onClose: () => void; onDone: () => void }): ReactNode {
    const { eks: t, common } = useTexts();
    const [size, setSize] = useState<SizeTexts>({
        desiredSize: String(group.scalingConfig?.desiredSize ?? 0),
        minSize: String(group.scalingConfig?.minSize ?? 0),
        maxSize: String(group.scalingConfig?.maxSize ?? 0),
    });
    const save = async (): Promise<void> => {
        await eksApi.call("UpdateNodegroupConfig", { clusterName: cluster, nodegroupName: group.nodegroupName, scalingConfig: readSize(size) });
        notify("success", t.scaled);
        onDone();
    };
    return (
        <FormDialog title={`${t.scale}: ${group.nodegroupName}`} submit={common.save} canSubmit={isSize(size)} onSubmit={save} onClose={onClose}>
            <SizeFields size={size} onChange={setSize} />
        </FormDialog>
    );
}

export function Nodegroups({ cluster: { name: cluster, status } }: { cluster: Cluster }): ReactNode {
    const { eks: t, common } = useTexts();
    const groups = useLoad(() => eksApi.nodegroups(cluster), [cluster]);
    const [selected, setSelected] = useState<Nodegroup[]>([]);
    const [open, setOpen] = useState<"scale" | "delete">();
    const group = selected[0];
    const createPath = href(`/eks/clusters/${encodeURIComponent(cluster)}/nodes/create`);
    useReloadWhile(groups.data?.some((item) => isUnderWay(item.status)) ?? false, groups);
    const done = (): void => {
        setSelected([]);
        void groups.reload();
    };
    return (
        <>
            <ResourceTable
                title={t.nodes}
                loaded={groups}
                keyOf={(item) => item.nodegroupName}
                selection="single"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    { id: "name", header: common.name, isName: true, text: (item) => item.nodegroupName, cell: (item) => item.nodegroupName },
                    {
                        id: "status",
                        header: common.status,
                        cell: (item) => (
                            <>
                                <State status={item.status} />
                                {item.health?.issues?.map((issue) => <Box key={issue.code} color="text-status-error">{issue.message}</Box>)}
                            </>
                        ),
                    },
                    {
                        id: "size",
                        header: t.size,
                        cell: ({ scalingConfig: size }) => `${size?.desiredSize ?? "–"} / ${size?.minSize ?? "–"} / ${size?.maxSize ?? "–"}`,
                    },
                    { id: "types", header: t.instanceTypes, cell: (item) => item.instanceTypes?.join(", ") || "–" },
                    { id: "version", header: t.version, cell: (item) => item.version ?? "–" },
                    { id: "role", header: t.nodeRole, cell: (item) => item.nodeRole?.split("/").pop() ?? "–" },
                ]}
                empty={{ title: t.nodesEmpty, text: t.nodesEmptyText }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={!group} onClick={() => setOpen("scale")}>
                            {t.scale}
                        </Button>
                        <Button disabled={!group} onClick={() => setOpen("delete")}>
                            {common.delete}
                        </Button>
                        <Button href={createPath} disabled={status !== "ACTIVE"}>
                            {t.createNodegroup}
                        </Button>
                    </SpaceBetween>
                }
            />
            {group && open === "scale" && <Scale cluster={cluster} group={group} onClose={() => setOpen(undefined)} onDone={done} />}
            {group && open === "delete" && (
                <ConfirmDialog
                    title={t.deleteNodegroup}
                    text={fill(t.deleteNodegroupText, group.nodegroupName)}
                    word={group.nodegroupName}
                    submit={common.delete}
                    onClose={() => setOpen(undefined)}
                    onSubmit={async () => {
                        await eksApi.call("DeleteNodegroup", { clusterName: cluster, nodegroupName: group.nodegroupName });
                        notify("success", fill(t.nodegroupDeleted, group.nodegroupName));
                        done();
                    }}
                />
            )}
        </>
    );
}
