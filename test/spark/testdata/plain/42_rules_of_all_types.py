"""What 42_rules_of_all_types.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.parquet(source + "/sales")
    failed = ["(IsComplete \"id\") and (RowCount > 100)", "ColumnValues \"id\" between 0 and 3"]
    passed = ["RowCount between 4 and 6", "ColumnCount = 5", "Completeness \"flag\" = 1.0", "IsComplete \"id\"", "ColumnDataType \"id\" = \"Long\"",
              "ColumnNamesMatchPattern \"[a-z]+\"", "ColumnExists \"day\"", "Uniqueness \"id\" = 1.0", "IsUnique \"id\"", "IsUnique \"id\" \"day\"",
              "IsPrimaryKey \"id\" \"day\"", "Mean \"id\" = 3", "Sum \"amount\" = 16.25", "StandardDeviation \"id\" between 1.4 and 1.5",
              "Variance \"id\" = 2", "Entropy \"day\" < 1.1", "DistinctValuesCount \"day\" = 3", "UniqueValueRatio \"day\" between 0.3 and 0.4",
              "ColumnLength \"id\" = 1", "ColumnValues \"id\" in [1, 2, 3, 4, 5]", "ColumnValues \"id\" > 1 with threshold > 0.7",
              "ColumnCorrelation \"id\" \"amount\" > 0.99", "DataFreshness \"at\" > 365 days",
              "CustomSql \"select count(*) from primary where flag\" = 2", "ReferentialIntegrity \"day\" \"days.d\" = 0.6",
              "RowCountMatch \"days\" = 2.5", "(RowCount > 100) or (IsUnique \"id\")"]
    table = [(r, "Passed") for r in passed] + [(r, "Failed") for r in failed]
    spark.createDataFrame(table, "Rule string, Outcome string").write.json(target + "/outcomes")
    metrics = df.selectExpr("""inline(array(
        named_struct('name', 'Dataset.*.RowCount', 'value', cast(count(*) as double)), named_struct('name', 'Dataset.*.ColumnCount', 'value', 5D),
        named_struct('name', 'Column.flag.Completeness', 'value', count(flag) / count(*)),
        named_struct('name', 'Column.id.Completeness', 'value', count(id) / count(*)),
        named_struct('name', 'Column.day.Completeness', 'value', count(day) / count(*)),
        named_struct('name', 'Column.id.ColumnDataType.Compliance', 'value', 1D),
        named_struct('name', 'Dataset.*.ColumnNamesPatternMatchRatio', 'value', 1D),
        named_struct('name', 'Column.id.Uniqueness', 'value', count(distinct id) / count(*)),
        named_struct('name', 'Multicolumn.id,day.Uniqueness', 'value', count(distinct id, day) / count(*)),
        named_struct('name', 'Column.id.Mean', 'value', avg(id)), named_struct('name', 'Column.amount.Sum', 'value', cast(sum(amount) as double)),
        named_struct('name', 'Column.id.StandardDeviation', 'value', round(stddev_pop(id), 6)),
        named_struct('name', 'Column.id.Variance', 'value', var_pop(id)),
        named_struct('name', 'Column.day.DistinctValuesCount', 'value', cast(count(distinct day) as double)),
        named_struct('name', 'Column.id.ColumnLength.Compliance', 'value', 1D),
        named_struct('name', 'Multicolumn.id,amount.ColumnCorrelation', 'value', round(corr(id, amount), 6)),
        named_struct('name', 'Column.at.DataFreshness.Compliance', 'value', 1D), named_struct('name', 'Dataset.*.CustomSQL', 'value', 2D),
        named_struct('name', 'Column.day.ReferentialIntegrity', 'value', count_if(day < '2024-01-03') / count(*)),
        named_struct('name', 'Dataset.days.RowCountMatch', 'value', count(*) / 2)))""")
    entropy = -(0.4 * 0.916290731874155 * 2 + 0.2 * 1.6094379124341003) * -1
    more = [("Column.day.Entropy", round(entropy, 6)), ("Column.day.UniqueValueRatio", round(1 / 3, 6)),
            ("Column.id.ColumnValues.Compliance", 1.0), ("Column.id.ColumnValues.Compliance", 0.8), ("Column.id.ColumnValues.Compliance", 0.4)]
    metrics.unionByName(spark.createDataFrame(more, "name string, value double")).write.json(target + "/metrics")
    results = [("sales", r, o) for r, o in table]
    spark.createDataFrame(results, "EvaluationContext string, Rule string, Outcome string").write.json(target + "/results/sales")
