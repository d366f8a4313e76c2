"""The article's command lines, as it types them. The road's test and the quick start both run these."""

PROFILE = "EKSClusterAdminAccess-EKSAccount1"
PERMISSION_SET = "EKSClusterAdminAccess"
GROUP = "EKS_Cluster_Admins"
USER = "eksadmin"

CREATE_ORGANIZATION = "aws organizations create-organization"
DESCRIBE_ORGANIZATION = "aws organizations describe-organization"
CREATE_ACCOUNT = 'aws organizations create-account --email youralias+ekscluster@yourdomain.com --account-name "EKS-Account-${RANDOM}"'

CALLER_IDENTITY = f"aws sts get-caller-identity --profile {PROFILE}"
NAMES = f"""ssorole=$(aws sts get-caller-identity --query Arn --output text --profile {PROFILE} | cut -d/ -f2)
account=$(aws sts get-caller-identity --query Account --output text --profile {PROFILE})
echo $ssorole $account"""

TRUST_FILE = """cat <<EOF > assume-role.json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/${ssorole}"
      },
      "Action": "sts:AssumeRole",
      "Condition": {}
    }
  ]
}
EOF"""
POLICY_FILE = """cat <<EOF > clustercreator-policy.json
{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "eks:*",
                "iam:*",
                "cloudformation:*",
                "ec2:*",
                "autoscaling:*",
                "ssm:*",
                "kms:*",
                "sts:GetCallerIdentity"
            ],
            "Resource": "*"
        }
    ]
}
EOF"""
_EXPORTS = (r"""| jq -r .[] | sed 's/{//;s/}//;s/"//g;s/ AWS_ACCESS_KEY_ID: /export AWS_ACCESS_KEY_ID=/;"""
            r"""s/ AWS_SESSION_TOKEN: /export AWS_SESSION_TOKEN=/;s/ AWS_SECRET_ACCESS_KEY: /export AWS_SECRET_ACCESS_KEY=/')""")
_QUERY = ("--query 'Credentials.[{AWS_ACCESS_KEY_ID: AccessKeyId}, {AWS_SESSION_TOKEN: SessionToken}, "
          "{AWS_SECRET_ACCESS_KEY: SecretAccessKey}]'")
INTO_MEMBER_ACCOUNT = f"""adminrolearn="arn:aws:iam::${{account}}:role/OrganizationAccountAccessRole"
creds=$(aws sts assume-role --role-arn ${{adminrolearn}} --role-session-name "adminSession-CreateEKSCreatorRole" {_QUERY} {_EXPORTS}
eval ${{creds}}"""
CREATOR_ROLE = """aws iam create-role --role-name EKSClusterCreator --assume-role-policy-document file://assume-role.json
aws iam create-policy --policy-name EKSClusterCreatorPolicy --policy-document file://clustercreator-policy.json
aws iam attach-role-policy --policy-arn arn:aws:iam::${account}:policy/EKSClusterCreatorPolicy --role-name EKSClusterCreator"""
BECOME_CREATOR = f"""rolearn="arn:aws:iam::${{account}}:role/EKSClusterCreator"

creds=$(aws sts assume-role --role-arn ${{rolearn}} \\
  --role-session-name "create-eks-cluster" \\
  {_QUERY} \\
  --profile {PROFILE} {_EXPORTS}

eval ${{creds}}"""

CREATE_CLUSTER = "eksctl create cluster"
FIND_CLUSTER = "cluster=$(aws eks list-clusters --query clusters --output text)\necho ${cluster}"
MAP_ROLE = """eksctl create iamidentitymapping \\
 --cluster ${cluster} \\
 --arn "arn:aws:iam::${account}:role/${ssorole}" \\
 --username cluster-admin \\
 --group system:masters"""
SHOW_MAP = "kubectl get configmap -n kube-system aws-auth -o yaml"
KUBECONFIG = f"""aws eks update-kubeconfig --name ${{cluster}} \\
--profile {PROFILE}"""
NODES = "kubectl get nodes"
WITHOUT_KEYS = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
