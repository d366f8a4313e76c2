// The part of EKS's REST routes that the console calls (models/aws/eks.json; path labels under their members' names).
const cluster = "/clusters/{clusterName}";
const group = `${cluster}/node-groups/{nodegroupName}`;
const entry = `${cluster}/access-entries/{principalArn}`;

export const eksRoutes: Record<string, [method: "GET" | "POST" | "DELETE", path: string]> = {
    ListClusters: ["GET", "/clusters"],
    CreateCluster: ["POST", "/clusters"],
    DescribeClusterVersions: ["GET", "/cluster-versions"],
    DescribeCluster: ["GET", "/clusters/{name}"],
    DeleteCluster: ["DELETE", "/clusters/{name}"],
    ListNodegroups: ["GET", `${cluster}/node-groups`],
    CreateNodegroup: ["POST", `${cluster}/node-groups`],
    DescribeNodegroup: ["GET", group],
    DeleteNodegroup: ["DELETE", group],
    UpdateNodegroupConfig: ["POST", `${group}/update-config`],
    ListAddons: ["GET", `${cluster}/addons`],
    ListAccessEntries: ["GET", `${cluster}/access-entries`],
    CreateAccessEntry: ["POST", `${cluster}/access-entries`],
    DescribeAccessEntry: ["GET", entry],
    DeleteAccessEntry: ["DELETE", entry],
    ListAssociatedAccessPolicies: ["GET", `${entry}/access-policies`],
    AssociateAccessPolicy: ["POST", `${entry}/access-policies`],
    DisassociateAccessPolicy: ["DELETE", `${entry}/access-policies/{policyArn}`],
    ListAccessPolicies: ["GET", "/access-policies"],
};
