terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
# Keys, region and endpoint come from the environment. Were the account known, the provider would read the tags of buckets at ACCOUNT.ENDPOINT,
# which is no name when the endpoint is an address.
provider "aws" {
  skip_requesting_account_id  = true
  skip_credentials_validation = true
}

data "aws_caller_identity" "me" {}

variable "comment" { default = "first" }

resource "aws_s3_bucket" "raw" {
  bucket = "tf-raw-bucket"
  tags   = { team = "data", note = var.comment }
}
resource "aws_s3_bucket_versioning" "raw" {
  bucket = aws_s3_bucket.raw.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "raw" {
  bucket = aws_s3_bucket.raw.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_s3_bucket_public_access_block" "raw" {
  bucket                  = aws_s3_bucket.raw.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "raw" {
  bucket = aws_s3_bucket.raw.id
  rule { object_ownership = "BucketOwnerEnforced" }
}
resource "aws_s3_bucket_cors_configuration" "raw" {
  bucket = aws_s3_bucket.raw.id
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com"]
    allowed_headers = ["*"]
    max_age_seconds = 3000
  }
}
resource "aws_s3_bucket_policy" "raw" {
  bucket = aws_s3_bucket.raw.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.comment
      Effect    = "Deny"
      Principal = { AWS = aws_iam_role.glue.arn }
      Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource  = "${aws_s3_bucket.raw.arn}/kept/*"
      Condition = { StringNotEquals = { "aws:PrincipalTag/team" = "data" } }
    }]
  })
  depends_on = [aws_s3_bucket_public_access_block.raw]
}
resource "aws_s3_object" "script" {
  bucket  = aws_s3_bucket.raw.id
  key     = "scripts/etl.py"
  content = "print('etl')"
}
resource "aws_glue_catalog_database" "lake" {
  catalog_id  = data.aws_caller_identity.me.account_id
  name        = "tf_lake"
  description = var.comment
}
resource "aws_glue_catalog_table" "events" {
  catalog_id    = data.aws_caller_identity.me.account_id
  database_name = aws_glue_catalog_database.lake.name
  name          = "events"
  table_type    = "EXTERNAL_TABLE"
  parameters    = { classification = "parquet" }
  storage_descriptor {
    location      = "s3://${aws_s3_bucket.raw.id}/events/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }
    columns {
      name = "id"
      type = "bigint"
    }
  }
  partition_keys {
    name = "dt"
    type = "string"
  }
  partition_keys {
    name = "hour"
    type = "int"
  }
  partition_index {
    index_name = "by-hour"
    keys       = ["hour"]
  }
}
resource "aws_glue_partition_index" "both" {
  catalog_id    = data.aws_caller_identity.me.account_id
  database_name = aws_glue_catalog_table.indexed.database_name
  table_name    = aws_glue_catalog_table.indexed.name
  partition_index {
    index_name = "both"
    keys       = ["hour", "dt"]
  }
}
resource "aws_glue_catalog_table" "indexed" {
  catalog_id    = data.aws_caller_identity.me.account_id
  database_name = aws_glue_catalog_database.lake.name
  name          = "indexed"
  description   = var.comment
  parameters    = { "projection.enabled" = "true", "projection.hour.type" = "integer", "projection.hour.range" = "0,23" }
  partition_keys {
    name = "dt"
    type = "date"
  }
  partition_keys {
    name = "hour"
    type = "int"
  }
}
resource "aws_glue_partition" "day" {
  catalog_id       = data.aws_caller_identity.me.account_id
  database_name    = aws_glue_catalog_database.lake.name
  table_name       = aws_glue_catalog_table.events.name
  partition_values = ["2026-11-30", "7"]
  parameters       = { note = var.comment }
  storage_descriptor {
    location = "s3://${aws_s3_bucket.raw.id}/events/dt=2026-11-30/hour=7/"
    columns {
      name = "id"
      type = "bigint"
    }
  }
}
resource "aws_glue_user_defined_function" "trim" {
  catalog_id    = data.aws_caller_identity.me.account_id
  database_name = aws_glue_catalog_database.lake.name
  name          = "trim_it"
  class_name    = "org.example.${var.comment}"
  owner_name    = "data"
  owner_type    = "GROUP"
  resource_uris {
    resource_type = "JAR"
    uri           = "s3://${aws_s3_bucket.raw.id}/jars/trim.jar"
  }
}
resource "aws_glue_connection" "shop" {
  catalog_id      = data.aws_caller_identity.me.account_id
  name            = "tf-shop"
  connection_type = "JDBC"
  description     = var.comment
  connection_properties = {
    JDBC_CONNECTION_URL = "jdbc:postgresql://localhost:5432/shop"
    USERNAME            = "reader"
    PASSWORD            = var.comment
  }
  tags = { note = var.comment }
}
resource "aws_glue_data_quality_ruleset" "events" {
  name        = "tf-events"
  description = var.comment
  ruleset     = "Rules = [ RowCount > 0 ]"
  target_table {
    database_name = aws_glue_catalog_database.lake.name
    table_name    = aws_glue_catalog_table.events.name
  }
  tags = { note = var.comment }
}
resource "aws_iam_role" "glue" {
  name = "tf-glue"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "glue" {
  name   = "s3"
  role   = aws_iam_role.glue.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_glue_classifier" "lines" {
  name = "tf-lines"
  grok_classifier {
    classification  = "lines"
    grok_pattern    = "%%{WORD:verb} %%{REST:rest}"
    custom_patterns = "REST .*"
  }
}
resource "aws_glue_classifier" "trail" {
  name = "tf-trail"
  json_classifier { json_path = var.comment == "second" ? "$.Records[*]" : "$.Records" }
}
resource "aws_glue_classifier" "rows" {
  name = "tf-rows"
  xml_classifier {
    classification = "xml"
    row_tag        = "row"
  }
}
resource "aws_glue_classifier" "pipes" {
  name = "tf-pipes"
  csv_classifier {
    allow_single_column    = false
    contains_header        = "PRESENT"
    delimiter              = "|"
    disable_value_trimming = false
    header                 = ["id", "name"]
    quote_symbol           = "'"
    serde                  = "OpenCSVSerDe"
  }
}
resource "aws_glue_crawler" "raw" {
  name          = "tf-crawler"
  classifiers   = [aws_glue_classifier.lines.name, aws_glue_classifier.trail.name, aws_glue_classifier.rows.name, aws_glue_classifier.pipes.name]
  database_name = aws_glue_catalog_database.lake.name
  role          = aws_iam_role.glue.arn
  description   = var.comment
  s3_target { path = "s3://${aws_s3_bucket.raw.id}/events/" }
}
resource "aws_glue_crawler" "shop" {
  name          = "tf-shop"
  database_name = aws_glue_catalog_database.lake.name
  role          = aws_iam_role.glue.arn
  description   = var.comment
  schedule      = "cron(15 1 ? * MON-FRI *)"
  table_prefix  = "shop_"
  jdbc_target {
    connection_name            = aws_glue_connection.shop.name
    path                       = "shop/%"
    exclusions                 = ["tmp*"]
    enable_additional_metadata = ["COMMENTS"]
  }
  lineage_configuration { crawler_lineage_settings = "DISABLE" }
}
resource "aws_glue_crawler" "known" {
  name          = "tf-known"
  database_name = aws_glue_catalog_database.lake.name
  role          = aws_iam_role.glue.arn
  configuration = jsonencode({ Version = 1.0, CreatePartitionIndex = true, CrawlerOutput = { Partitions = { AddOrUpdateBehavior = "InheritFromTable" } } })
  catalog_target {
    database_name = aws_glue_catalog_database.lake.name
    tables        = [aws_glue_catalog_table.events.name]
  }
  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = "UPDATE_IN_DATABASE"
  }
  recrawl_policy { recrawl_behavior = "CRAWL_EVERYTHING" }
}
resource "aws_glue_job" "etl" {
  name              = "tf-etl"
  role_arn          = aws_iam_role.glue.arn
  description       = var.comment
  glue_version      = "4.0"
  worker_type       = "G.1X"
  number_of_workers = 2
  command {
    script_location = "s3://${aws_s3_bucket.raw.id}/scripts/etl.py"
  }
}
resource "aws_glue_workflow" "nightly" {
  name                   = "tf-nightly"
  description            = var.comment
  default_run_properties = { note = var.comment }
  max_concurrent_runs    = var.comment == "second" ? 2 : 1
  tags                   = { note = var.comment }
}
resource "aws_glue_trigger" "nightly" {
  name              = "tf-start"
  workflow_name     = aws_glue_workflow.nightly.name
  type              = "SCHEDULED"
  schedule          = var.comment == "second" ? "cron(0 3 ? * MON-FRI *)" : "cron(15 12 * * ? *)"
  description       = var.comment
  start_on_creation = true
  tags              = { note = var.comment }
  actions { crawler_name = aws_glue_crawler.raw.name }
}
resource "aws_glue_trigger" "crawled" {
  name          = "tf-crawled"
  workflow_name = aws_glue_workflow.nightly.name
  type          = "CONDITIONAL"
  enabled       = var.comment == "second"
  predicate {
    logical = var.comment == "second" ? "ANY" : "AND"
    conditions {
      crawler_name = aws_glue_crawler.raw.name
      crawl_state  = "SUCCEEDED"
    }
    conditions {
      crawler_name = aws_glue_crawler.raw.name
      crawl_state  = "CANCELLED"
    }
  }
  actions {
    job_name  = aws_glue_job.etl.name
    arguments = { "--note" = var.comment }
    timeout   = 30
    notification_property { notify_delay_after = 10 }
  }
}
resource "aws_glue_trigger" "alone" {
  name    = "tf-alone"
  type    = "ON_DEMAND"
  enabled = false
  actions { job_name = aws_glue_job.etl.name }
}
resource "aws_sns_topic" "alerts" {
  name = "tf-alerts"
  tags = { note = var.comment }
}
resource "aws_cloudwatch_log_group" "sfn" {
  name              = "/tf/sfn"
  retention_in_days = 7
}
resource "aws_sfn_state_machine" "flow" {
  name     = "tf-flow"
  role_arn = aws_iam_role.glue.arn
  definition = jsonencode({
    Comment = var.comment
    StartAt = "Done"
    States  = { Done = { Type = "Pass", End = true } }
  })
}
resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name          = "tf-failed"
  alarm_description   = var.comment
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "ExecutionsFailed"
  namespace           = "AWS/States"
  period              = 60
  statistic           = "Sum"
  threshold           = 0
  dimensions          = { StateMachineArn = aws_sfn_state_machine.flow.arn }
  alarm_actions       = [aws_sns_topic.alerts.arn]
}
