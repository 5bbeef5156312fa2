"""Every operation of logs, cloudwatch, sns, iam, sts and cloudformation once by the AWS CLI: in one process, since each start of it takes half a
second. A line is a command; > NAME EXPRESSION keeps a part of its answer (Python, with the answer as r) for $NAME in later lines."""
import contextlib, io, json, os, re, sys

try:
    from awscli.clidriver import create_clidriver
except ImportError:
    assert os.environ.get("CI") != "true", "the AWS CLI is not installed as a Python module"
    print("the AWS CLI is not installed as a Python module: skipped")
    print("ok")
    sys.exit()

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
TEMPLATE = "Parameters: {D: {Type: Number, Default: 7}}\nResources: {G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /cli, RetentionInDays: !Ref D}}}\nOutputs: {O: {Value: x, Export: {Name: e}}}"
IMPORTER = "Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue e}}}"
DIMENSIONS = "Name=Pipeline,Value=retail"
ALARM = f"--namespace Penstock --metric-name M --dimensions {DIMENSIONS} --statistic Sum --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold"
values = dict(TRUST=TRUST, POLICY=POLICY, TEMPLATE=TEMPLATE, IMPORTER=IMPORTER, NOW="1795521600000")

COMMANDS = f"""
logs create-log-group --log-group-name /g --tags a=b
logs create-log-stream --log-group-name /g --log-stream-name s
logs put-retention-policy --log-group-name /g --retention-in-days 7
logs put-log-events --log-group-name /g --log-stream-name s --log-events timestamp=$STAMP,message=hello
logs get-log-events --log-group-name /g --log-stream-name s > GOT r["events"][0]["message"]
logs filter-log-events --log-group-name /g --filter-pattern hello > GOT r["events"][0]["message"]
logs describe-log-groups > GROUP r["logGroups"][0]["logGroupArn"]
logs describe-log-streams --log-group-name /g > GOT r["logStreams"][0]["logStreamName"]
logs tag-resource --resource-arn $GROUP --tags c=d
logs untag-resource --resource-arn $GROUP --tag-keys a
logs list-tags-for-resource --resource-arn $GROUP > GOT r["tags"]["c"]
logs delete-retention-policy --log-group-name /g
logs delete-log-stream --log-group-name /g --log-stream-name s
logs delete-log-group --log-group-name /g
sns create-topic --name t > TOPIC r["TopicArn"]
sns list-topics > GOT r["Topics"][0]["TopicArn"]
sns set-topic-attributes --topic-arn $TOPIC --attribute-name DisplayName --attribute-value d
sns get-topic-attributes --topic-arn $TOPIC > GOT r["Attributes"]["DisplayName"]
sns subscribe --topic-arn $TOPIC --protocol http --notification-endpoint http://127.0.0.1:9/x --return-subscription-arn > SUB r["SubscriptionArn"]
sns list-subscriptions > GOT r["Subscriptions"][0]["Endpoint"]
sns list-subscriptions-by-topic --topic-arn $TOPIC > GOT r["Subscriptions"][0]["Endpoint"]
sns set-subscription-attributes --subscription-arn $SUB --attribute-name RawMessageDelivery --attribute-value true
sns get-subscription-attributes --subscription-arn $SUB > GOT r["Attributes"]["RawMessageDelivery"]
! sns confirm-subscription --topic-arn $TOPIC --token forged
sns publish --topic-arn $TOPIC --message hello > GOT r["MessageId"]
sns tag-resource --resource-arn $TOPIC --tags Key=k,Value=v
sns untag-resource --resource-arn $TOPIC --tag-keys x
sns list-tags-for-resource --resource-arn $TOPIC > GOT r["Tags"][0]["Key"]
sns unsubscribe --subscription-arn $SUB
cloudwatch put-metric-data --namespace Penstock --metric-name M --value 3 --dimensions Pipeline=retail
cloudwatch get-metric-statistics --namespace Penstock --metric-name M --dimensions {DIMENSIONS} --start-time $START --end-time $END --period 86400 --statistics Sum > GOT str(r["Datapoints"][0]["Sum"])
cloudwatch list-metrics > GOT r["Metrics"][0]["MetricName"]
cloudwatch put-metric-alarm --alarm-name a {ALARM} --alarm-actions $TOPIC
cloudwatch describe-alarms > ALARM r["MetricAlarms"][0]["AlarmArn"]
cloudwatch describe-alarms-for-metric --namespace Penstock --metric-name M --dimensions {DIMENSIONS} > GOT r["MetricAlarms"][0]["StateValue"]
cloudwatch describe-alarm-history --alarm-name a > GOT r["AlarmHistoryItems"][0]["AlarmName"]
cloudwatch set-alarm-state --alarm-name a --state-value OK --state-reason r
cloudwatch disable-alarm-actions --alarm-names a
cloudwatch enable-alarm-actions --alarm-names a
cloudwatch tag-resource --resource-arn $ALARM --tags Key=k,Value=v
cloudwatch untag-resource --resource-arn $ALARM --tag-keys x
cloudwatch list-tags-for-resource --resource-arn $ALARM > GOT r["Tags"][0]["Key"]
! cloudwatch get-metric-data --metric-data-queries [] --start-time $START --end-time $END
cloudwatch delete-alarms --alarm-names a
sns delete-topic --topic-arn $TOPIC
iam create-role --role-name r --assume-role-policy-document $TRUST > ROLE r["Role"]["Arn"]
iam get-role --role-name r > GOT r["Role"]["RoleName"]
iam list-roles > GOT r["Roles"][0]["RoleName"]
iam update-role --role-name r --description d
iam update-assume-role-policy --role-name r --policy-document $TRUST
iam put-role-policy --role-name r --policy-name i --policy-document $POLICY
iam get-role-policy --role-name r --policy-name i > GOT r["PolicyDocument"]["Version"]
iam list-role-policies --role-name r > GOT r["PolicyNames"][0]
iam create-policy --policy-name p --policy-document $POLICY > POLICYARN r["Policy"]["Arn"]
iam get-policy --policy-arn $POLICYARN > GOT r["Policy"]["PolicyName"]
iam list-policies --scope Local > GOT r["Policies"][0]["PolicyName"]
iam create-policy-version --policy-arn $POLICYARN --policy-document $POLICY > GOT r["PolicyVersion"]["VersionId"]
iam get-policy-version --policy-arn $POLICYARN --version-id v2 > GOT r["PolicyVersion"]["VersionId"]
iam list-policy-versions --policy-arn $POLICYARN > GOT r["Versions"][0]["VersionId"]
iam set-default-policy-version --policy-arn $POLICYARN --version-id v2
iam delete-policy-version --policy-arn $POLICYARN --version-id v1
iam attach-role-policy --role-name r --policy-arn $POLICYARN
iam list-attached-role-policies --role-name r > GOT r["AttachedPolicies"][0]["PolicyName"]
iam list-instance-profiles-for-role --role-name r
iam tag-role --role-name r --tags Key=k,Value=v
iam list-role-tags --role-name r > GOT r["Tags"][0]["Key"]
iam untag-role --role-name r --tag-keys k
sts assume-role --role-arn $ROLE --role-session-name me > GOT r["Credentials"]["AccessKeyId"]
sts get-caller-identity > GOT r["Arn"]
iam detach-role-policy --role-name r --policy-arn $POLICYARN
iam delete-policy --policy-arn $POLICYARN
iam delete-role-policy --role-name r --policy-name i
iam delete-role --role-name r
cloudformation validate-template --template-body $TEMPLATE
cloudformation get-template-summary --template-body $TEMPLATE > GOT r["ResourceTypes"][0]
cloudformation create-stack --stack-name s --template-body $TEMPLATE > STACK r["StackId"]
cloudformation wait stack-create-complete --stack-name s
cloudformation describe-stacks --stack-name s > GOT r["Stacks"][0]["StackStatus"]
cloudformation list-stacks > GOT r["StackSummaries"][0]["StackName"]
cloudformation describe-stack-events --stack-name s > GOT r["StackEvents"][0]["ResourceStatus"]
cloudformation describe-stack-resource --stack-name s --logical-resource-id G > GOT r["StackResourceDetail"]["PhysicalResourceId"]
cloudformation describe-stack-resources --stack-name s > GOT r["StackResources"][0]["ResourceType"]
cloudformation list-stack-resources --stack-name s > GOT r["StackResourceSummaries"][0]["ResourceType"]
cloudformation get-template --stack-name s > GOT r["TemplateBody"]
cloudformation update-stack --stack-name s --use-previous-template --parameters ParameterKey=D,ParameterValue=14
cloudformation wait stack-update-complete --stack-name s
cloudformation create-change-set --stack-name s --change-set-name c --use-previous-template --parameters ParameterKey=D,ParameterValue=30
cloudformation wait change-set-create-complete --stack-name s --change-set-name c
cloudformation describe-change-set --stack-name s --change-set-name c > GOT r["Changes"][0]["ResourceChange"]["Action"]
cloudformation list-change-sets --stack-name s > GOT r["Summaries"][0]["ChangeSetName"]
cloudformation execute-change-set --stack-name s --change-set-name c
cloudformation wait stack-update-complete --stack-name s
cloudformation create-change-set --stack-name s --change-set-name d --use-previous-template
cloudformation delete-change-set --stack-name s --change-set-name d
cloudformation create-stack --stack-name user --template-body $IMPORTER
cloudformation list-exports > GOT r["Exports"][0]["Name"]
cloudformation list-imports --export-name e > GOT r["Imports"][0]
cloudformation update-termination-protection --stack-name user --enable-termination-protection
! cloudformation delete-stack --stack-name user
cloudformation update-termination-protection --stack-name user --no-enable-termination-protection
cloudformation delete-stack --stack-name user
cloudformation wait stack-delete-complete --stack-name user
cloudformation delete-stack --stack-name s
cloudformation wait stack-delete-complete --stack-name s
"""


def substitute(word):
    return re.sub(r"\$([A-Z]+)", lambda m: values[m[1]], word)


def main():
    import time

    now = time.time()
    values.update(STAMP=str(int(now * 1000)), START=str(int(now) - 86400), END=str(int(now) + 3600))
    driver, bad = create_clidriver(), 0
    for line in COMMANDS.strip().splitlines():
        refused = line.startswith("! ")
        command, _, keep = line.removeprefix("! ").partition(" > ")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = driver.main([substitute(w) for w in command.split()] + ["--output", "json"])
            except SystemExit as e:
                code = e.code
        problem = ""
        if (code != 0) != refused:
            problem = f"code {code}: {err.getvalue().strip()[:300]} {out.getvalue()[:100]}"
        elif keep:
            name, expression = keep.split(" ", 1)
            try:
                values[name] = eval(expression, {"r": json.loads(out.getvalue()), "str": str})
                assert values[name]
            except Exception as e:
                problem = f"{e!r} in {out.getvalue()[:300]}"
        if problem:
            bad += 1
            print(f"aws {line}\n   {problem}")
    sys.exit(print(f"{bad} commands failed") or 1) if bad else print("ok")


main()
