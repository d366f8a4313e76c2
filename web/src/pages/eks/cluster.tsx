import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import { eksApi, type Cluster, type Nodegroup } from "../../api/eks";
import { call } from "../../aws/client";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { useLoad } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { navigate } from "../../router";
import { settings } from "../../settings";
import { fill, useTexts } from "../../texts";
import { AccessEntries } from "./access";
import { State } from "./clusters";

function Scale({ cluster, group, onClose, onDone }: { cluster: string; group: Nodegroup; onClose: () => void; onDone: () => void }): ReactNode {
    const { eks: t, common } = useTexts();
    const [size, setSize] = useState({
        minSize: String(group.scalingConfig?.minSize ?? 0),
        desiredSize: String(group.scalingConfig?.desiredSize ?? 0),
        maxSize: String(group.scalingConfig?.maxSize ?? 0),
    });
    const numbers = Object.fromEntries(Object.entries(size).map(([name, text]) => [name, Number(text)])) as Record<keyof typeof size, number>;
    const isRight = Object.values(size).every((text) => /^\d+$/.test(text)) && numbers.minSize <= numbers.desiredSize && numbers.desiredSize <= numbers.maxSize;
    const field = (name: keyof typeof size, label: string): ReactNode => (
        <FormField label={label}>
            <Input type="number" inputMode="numeric" value={size[name]} onChange={({ detail }) => setSize({ ...size, [name]: detail.value })} />
        </FormField>
    );
    const save = async (): Promise<void> => {
        await eksApi.call("UpdateNodegroupConfig", { clusterName: cluster, nodegroupName: group.nodegroupName, scalingConfig: numbers });
        notify("success", t.scaled);
        onDone();
    };
    return (
        <FormDialog title={`${t.scale}: ${group.nodegroupName}`} submit={common.save} canSubmit={isRight} onSubmit={save} onClose={onClose}>
            {field("desiredSize", t.desired)}
            {field("minSize", t.minimum)}
            {field("maxSize", t.maximum)}
        </FormDialog>
    );
}

function Nodegroups({ cluster }: { cluster: string }): ReactNode {
    const { eks: t, common } = useTexts();
    const groups = useLoad(() => eksApi.nodegroups(cluster), [cluster]);
    const [selected, setSelected] = useState<Nodegroup[]>([]);
    const [open, setOpen] = useState<"scale" | "delete">();
    const group = selected[0];
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
                empty={{ title: t.nodesEmpty, text: fill(t.nodesEmptyText, cluster) }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={!group} onClick={() => setOpen("scale")}>
                            {t.scale}
                        </Button>
                        <Button disabled={!group} onClick={() => setOpen("delete")}>
                            {common.delete}
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

function Overview({ cluster }: { cluster: Cluster }): ReactNode {
    const { eks: t, common } = useTexts();
    return (
        <SpaceBetween size="l">
            <Facts
                title={common.details}
                columns={2}
                facts={[
                    [t.endpoint, cluster.endpoint ? <Copyable text={cluster.endpoint} /> : "–"],
                    [t.issuer, cluster.identity?.oidc?.issuer ? <Copyable text={cluster.identity.oidc.issuer} /> : "–"],
                    [t.role, cluster.roleArn ? <Copyable text={cluster.roleArn} /> : "–"],
                    [common.arn, <Copyable text={cluster.arn} />],
                    [t.network, cluster.resourcesVpcConfig?.vpcId || "–"],
                    [common.created, formatDate(cluster.createdAt)],
                ]}
            />
            <Container header={<Header variant="h2">{t.connect}</Header>}>
                <SpaceBetween size="s">
                    <Box>{t.connectText}</Box>
                    <Box variant="code">
                        <Copyable text={`aws eks update-kubeconfig --region ${settings.get().region} --name ${cluster.name}`} />
                    </Box>
                </SpaceBetween>
            </Container>
        </SpaceBetween>
    );
}

interface MappingFacts {
    MapRoles?: string;
    MapUsers?: string;
    MapAccounts?: string;
    Stale?: boolean;
    ReadDate?: number;
}

function Mapping({ cluster }: { cluster: string }): ReactNode {
    const { eks: t, common } = useTexts();
    const mapping = useLoad(() => call<MappingFacts>("sekisho", "DescribeIdentityMapping", { ClusterName: cluster }), [cluster]);
    const commands = [
        "kubectl get configmap -n kube-system aws-auth -o yaml",
        `eksctl create iamidentitymapping --cluster ${cluster} --arn ROLE_ARN --username cluster-admin --group system:masters`,
    ];
    return (
        <Container
            header={
                <Header variant="h2" actions={<Button iconName="refresh" ariaLabel={common.refresh} loading={mapping.loading} onClick={() => void mapping.reload()} />}>
                    {t.mapTitle}
                </Header>
            }
        >
            <SpaceBetween size="m">
                <Awaiting loaded={mapping}>
                    {(shown) => {
                        const parts = [
                            [t.mapRoles, shown.MapRoles],
                            [t.mapUsers, shown.MapUsers],
                            [t.mapAccounts, shown.MapAccounts],
                        ].filter((part): part is [string, string] => Boolean(part[1]));
                        return (
                            <SpaceBetween size="s">
                                {shown.Stale && (
                                    <Alert type="warning" statusIconAriaLabel={common.warning}>
                                        {t.mapStale}
                                    </Alert>
                                )}
                                <Box color="text-body-secondary">{parts.length ? fill(t.mapRead, formatDate(shown.ReadDate)) : t.mapEmpty}</Box>
                                {parts.map(([title, text]) => (
                                    <div key={title}>
                                        <Box variant="awsui-key-label">{title}</Box>
                                        <pre className="document" tabIndex={0}>
                                            {text}
                                        </pre>
                                    </div>
                                ))}
                            </SpaceBetween>
                        );
                    }}
                </Awaiting>
                <Box>{t.mapText}</Box>
                {commands.map((command) => (
                    <Box key={command} variant="code">
                        <Copyable text={command} />
                    </Box>
                ))}
            </SpaceBetween>
        </Container>
    );
}

export function ClusterPage({ name = "" }: { name?: string }): ReactNode {
    const { eks: t, common } = useTexts();
    const cluster = useLoad(() => eksApi.cluster(name), [name]);
    const [deleting, setDeleting] = useState(false);
    return (
        <Page
            title={name}
            actions={
                cluster.data && (
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button iconName="refresh" ariaLabel={common.refresh} loading={cluster.loading} onClick={() => void cluster.reload()} />
                        <Button onClick={() => setDeleting(true)}>{t.deleteCluster}</Button>
                    </SpaceBetween>
                )
            }
        >
            <Awaiting loaded={cluster}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <Facts
                            title={t.overview}
                            columns={4}
                            facts={[
                                [common.status, <State status={shown.status} />],
                                [t.version, shown.version ?? "–"],
                                [t.authentication, shown.accessConfig?.authenticationMode ?? "CONFIG_MAP"],
                                [common.created, formatDate(shown.createdAt)],
                            ]}
                        />
                        <Tabs
                            ariaLabel={t.overview}
                            tabs={[
                                { id: "overview", label: t.overview, content: <Overview cluster={shown} /> },
                                { id: "nodes", label: t.nodes, content: <Nodegroups cluster={name} /> },
                                {
                                    id: "access",
                                    label: t.access,
                                    content: (
                                        <SpaceBetween size="l">
                                            {shown.accessConfig?.authenticationMode !== "CONFIG_MAP" && <AccessEntries cluster={name} />}
                                            {shown.accessConfig?.authenticationMode !== "API" && <Mapping cluster={name} />}
                                        </SpaceBetween>
                                    ),
                                },
                            ]}
                        />
                        {deleting && (
                            <ConfirmDialog
                                title={t.deleteCluster}
                                text={fill(t.deleteClusterText, name)}
                                word={name}
                                submit={common.delete}
                                onClose={() => setDeleting(false)}
                                onSubmit={async () => {
                                    await eksApi.call("DeleteCluster", { name });
                                    notify("success", fill(t.clusterDeleted, name));
                                    navigate("/eks/clusters");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}
