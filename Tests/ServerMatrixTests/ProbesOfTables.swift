import AWSCore
import ContractModel
import JSONBytes
import Tidemark

extension Probe {
    /// Tables.
    static let tables: [Probe] = [
        Probe("CreateTable", "table.create", "a table is made with its indexes, once") { context in
            try await context.makeTable()
            let error = try await context.failure("it is made twice") { () throws(TidemarkError) in
                try await context.client.createTable(context.schema())
            }
            let code = error.underlying?.code ?? ""
            try context.expect(code == "ResourceInUseException", "the second time it fails as \(code)")
        },
        Probe("CreateTable", "table.specification", "capacity, local index, stream, class and protection are kept") {
            context in
            var specification = TableSpecification(
                context.schema(), billing: .provisioned(Throughput(reads: 4, writes: 3)))
            specification.indexThroughput = [ProbeContext.index: Throughput(reads: 2, writes: 1)]
            specification.localIndexes = [LocalIndex(name: "ByNote", sortKey: KeyAttribute(name: "note"))]
            specification.stream = .newImage
            specification.tableClass = .infrequentAccess
            specification.isProtectedFromDeletion = true
            try await context.client.createTable(specification)
            let table = try await context.client.waitUntilActive(context.table, interval: .milliseconds(20))
            let lost = [
                (table.throughput == Throughput(reads: 4, writes: 3), "capacity"),
                (table.indexThroughput == specification.indexThroughput, "the index's capacity"),
                (table.localIndexes == specification.localIndexes, "the local index"),
                (table.stream == .newImage, "the stream"), (table.tableClass == .infrequentAccess, "the class"),
                (table.isProtectedFromDeletion, "the protection"),
            ].filter { !$0.0 }.map(\.1)
            try context.expect(lost.isEmpty, "not told: \(lost.joined(separator: ", "))")
        },
        Probe("DescribeTable", "table.describe", "keys, indexes, billing and ARN are told") { context in
            try await context.makeTable()
            let table = try await context.client.describeTable(context.table)
            try context.expect(table.table == context.schema(), "keys or indexes are others")
            try context.expect(
                table.billingMode == "PAY_PER_REQUEST" && table.throughput == nil && table.arn != nil,
                "billing or ARN are others")
        },
        Probe("DescribeTable", "table.missing", "a table that is not there is not found") { context in
            let error = try await context.failure("it is described") { () throws(TidemarkError) in
                _ = try await context.client.describeTable(context.table)
            }
            let code = error.underlying?.code ?? ""
            try context.expect(code == "ResourceNotFoundException", "it fails as \(code)")
        },
        Probe("UpdateTable", "table.billing", "billing and capacity change") { context in
            try await context.makeTable()
            let limits = WaitLimits(timeout: .seconds(10), interval: .milliseconds(20))
            try await context.client.updateTable(
                context.table,
                TableChange(
                    billing: .provisioned(Throughput(reads: 5, writes: 6)),
                    indexes: [.update(name: ProbeContext.index, Throughput(reads: 2, writes: 3))]))
            let table = try await context.client.waitUntilActive(
                context.table, timeout: limits.timeout, interval: limits.interval)
            try context.expect(table.throughput == Throughput(reads: 5, writes: 6), "the capacity is another")
            try context.expect(table.billingMode != "PAY_PER_REQUEST", "billing stays by request")
        },
        Probe(
            "UpdateTable", "table.index", "an index that is made later has the items that are there, and can be deleted"
        ) { context in
            try await context.fill(3)
            let index = ContractIndex(name: "ByNote", partitionKey: KeyAttribute(name: "note"))
            try await context.client.putItem(table: context.table, item: context.item("p", 4, note: "n"))
            try await context.client.updateTable(context.table, TableChange(indexes: [.create(index)]))
            let limits = WaitLimits(timeout: .seconds(10), interval: .milliseconds(20))
            try await context.client.waitUntilIndexActive(context.table, index: "ByNote", limits: limits)
            let page = try await context.client.query(
                table: context.table, index: "ByNote", keyCondition: Expression("note = :n", values: [":n": "n"]))
            try context.expect(page.count == 1, "\(page.count) items for 1")
            try await context.client.updateTable(context.table, TableChange(indexes: [.delete(name: "ByNote")]))
            try await context.client.waitUntilIndexGone(context.table, index: "ByNote", limits: limits)
        },
        Probe("DeleteTable", "table.protected", "a protected table is not deleted") { context in
            var specification = TableSpecification(context.schema())
            specification.isProtectedFromDeletion = true
            try await context.client.createTable(specification)
            let error = try await context.failure("it is deleted") { () throws(TidemarkError) in
                try await context.client.deleteTable(context.table)
            }
            try context.expect(error.code == .validation, "it fails as \(error.code)")
            try await context.client.updateTable(context.table, TableChange(isProtectedFromDeletion: false))
            try await context.client.deleteTable(context.table)
        },
        Probe("DeleteTable", "table.delete", "a deleted table is gone") { context in
            try await context.makeTable()
            try await context.client.deleteTable(context.table)
            try await context.client.waitUntilGone(
                context.table, limits: WaitLimits(timeout: .seconds(10), interval: .milliseconds(20)))
            let names = try await context.client.listTables()
            try context.expect(!names.contains(context.table), "it is still listed")
        },
        Probe("ListTables", "table.list", "more than a hundred tables are listed over pages, in order") { context in
            let names = (0..<103).map { "\(context.table)-\(1_000 + $0)" }
            for name in names {
                try await context.client.createTable(ContractTable(name: name, partitionKey: KeyAttribute(name: "id")))
            }
            let listed = try await context.client.listTables()
            for name in names { try await context.client.deleteTable(name) }
            let found = listed.filter { $0.hasPrefix(context.table + "-") }
            try context.expect(Set(found) == Set(names), "\(found.count) names for 103")
            try context.expect(found == names, "another order")
        },
    ]

    /// Tables' settings, and the account.
    static let settings: [Probe] = [
        Probe("UpdateTimeToLive", "ttl.update", "time to live is switched on and told") { context in
            try await context.makeTable()
            let changed = try await context.client.updateTimeToLive(context.table, attribute: "ttl")
            try context.expect(changed.attribute == "ttl", "the answer does not say so")
            let limits = WaitLimits(timeout: .seconds(5), interval: .milliseconds(20))
            try await context.client.waitUntilTimeToLive(context.table, limits: limits)
        },
        Probe("DescribeTimeToLive", "ttl.describe", "time to live is off at first") { context in
            try await context.makeTable()
            let found = try await context.client.describeTimeToLive(context.table)
            try context.expect(found.status == "DISABLED" && found.attribute == nil, "it is \(found.status)")
        },
        Probe("TagResource", "tags.put", "tags are put in place of those with the same names") { context in
            try await context.makeTable()
            let arn = try await context.client.describeTable(context.table).arn ?? ""
            try await context.client.tagResource(arn, tags: ["a": "1", "b": "2"])
            try await context.client.tagResource(arn, tags: ["b": "3"])
            let tags = try await context.client.tags(ofResource: arn)
            try context.expect(tags == ["a": "1", "b": "3"], "there are \(tags.count) tags, or others")
        },
        Probe("UntagResource", "tags.remove", "tags are taken off by their names") { context in
            try await context.makeTable()
            let arn = try await context.client.describeTable(context.table).arn ?? ""
            try await context.client.tagResource(arn, tags: ["a": "1", "b": "2"])
            try await context.client.untagResource(arn, names: ["a"])
            let tags = try await context.client.tags(ofResource: arn)
            try context.expect(tags == ["b": "2"], "there are \(tags.count) tags, or others")
        },
        Probe("ListTagsOfResource", "tags.created", "a table has the tags that it was made with") { context in
            var specification = TableSpecification(context.schema())
            specification.tags = ["team": "a"]
            let arn = try await context.client.createTable(specification).arn ?? ""
            let tags = try await context.client.tags(ofResource: arn)
            try context.expect(tags == ["team": "a"], "there are \(tags.count) tags, or others")
        },
        Probe("UpdateContinuousBackups", "backups.update", "recovery is switched on and told") { context in
            try await context.makeTable()
            try await context.client.updateContinuousBackups(context.table, isPointInTimeRecoveryEnabled: true)
            let limits = WaitLimits(timeout: .seconds(5), interval: .milliseconds(20))
            let found = try await context.client.waitUntilPointInTimeRecovery(
                context.table, isEnabled: true, limits: limits)
            try context.expect(found.earliestRestorable != nil, "the earliest time is not told")
        },
        Probe("DescribeContinuousBackups", "backups.describe", "recovery is off at first, backups are on") { context in
            try await context.makeTable()
            let found = try await context.client.describeContinuousBackups(context.table)
            try context.expect(!found.isPointInTimeRecoveryEnabled, "recovery is on")
            try context.expect(found.status == "ENABLED", "backups are \(found.status)")
        },
        Probe("UpdateContributorInsights", "insights.update", "insights are switched on for a table, and told") {
            context in
            try await context.makeTable()
            let changed = try await context.client.updateContributorInsights(context.table, isEnabled: true)
            try context.expect(changed.status == "ENABLING", "the answer says \(changed.status)")
            let limits = WaitLimits(timeout: .seconds(5), interval: .milliseconds(20))
            try await context.client.waitUntilContributorInsights(context.table, isEnabled: true, limits: limits)
        },
        Probe("DescribeContributorInsights", "insights.describe", "insights are off at first, for an index too") {
            context in
            try await context.makeTable()
            for index in [nil, ProbeContext.index] {
                let found = try await context.client.describeContributorInsights(context.table, index: index)
                try context.expect(
                    found.status == "DISABLED" && found.index == index ?? "", "they are \(found.status)")
            }
        },
        Probe("ListContributorInsights", "insights.list", "a table with insights is listed") { context in
            try await context.makeTable()
            try await context.client.updateContributorInsights(context.table, isEnabled: true)
            var listed: [ContributorInsights] = []
            for try await page in context.client.contributorInsightsPages(table: context.table) { listed += page }
            try context.expect(listed.contains { $0.table == context.table }, "it is not")
        },
        Probe("DescribeLimits", "account.limits", "the account's limits are told") { context in
            let limits = try await context.client.describeLimits()
            try context.expect(limits.account.reads > 0 && limits.table.writes > 0, "they are not")
        },
        Probe("DescribeEndpoints", "account.endpoints", "hosts are told") { context in
            let endpoints = try await context.client.describeEndpoints()
            try context.expect(!endpoints.isEmpty, "none is")
        },
    ]

    /// What concerns every operation.
    static let protocols: [Probe] = [
        Probe("any operation", "any.byName", "CreateBackup and DescribeBackup work by their names") { context in
            try await context.makeTable()
            let made = try await context.client.call(
                "CreateBackup", body: #"{"TableName":"\#(context.table)","BackupName":"backup"}"#, table: context.table)
            let arn = try JSONValue.parse(made)["BackupDetails"]?["BackupArn"]?.stringValue ?? ""
            let found = try await context.client.call("DescribeBackup", body: #"{"BackupArn":"\#(arn)"}"#)
            let name = try JSONValue.parse(found)["BackupDescription"]?["BackupDetails"]?["BackupName"]?.stringValue
            try context.expect(name == "backup", "another backup is described")
        },
        Probe("any operation", "any.unknown", "an operation that there is not is refused as UnknownOperationException")
        { context in
            let error = try await context.failure("it is answered") { () throws(TidemarkError) in
                try await context.client.call("MakeCoffee", options: CallOptions(retry: .never))
            }
            let code = error.underlying?.code ?? ""
            try context.expect(
                code == "UnknownOperationException",
                "status \(error.underlying?.status ?? 0)\(code.isEmpty ? "" : ", \(code)")")
        },
        Probe("any operation", "any.checksum", "an answer has the checksum of its bytes (x-amz-crc32)") { context in
            try await context.makeTable()
            try context.expect(
                context.witness.headers.contains { $0.name.lowercased() == "x-amz-crc32" }, "it has none")
        },
        Probe("any operation", "any.requestID", "an answer has a request id (x-amzn-RequestId)") { context in
            try await context.makeTable()
            try context.expect(
                context.witness.headers.contains { $0.name.lowercased() == "x-amzn-requestid" && !$0.value.isEmpty },
                "it has none")
        },
        Probe("any operation", "any.refusal", "an unreadable request is refused as SerializationException") { context in
            try await context.makeTable()
            try await context.expectRefusal(
                "GetItem", #"{"TableName":{"not":"text"},"Key":{"pk":{"S":"p"}}}"#, "SerializationException",
                "it is answered")
        },
        Probe("any operation", "any.keepAlive", "connections are kept") { context in
            try await context.makeTable()
            for _ in 1...3 { _ = try await context.client.describeTable(context.table) }
            let closes = context.witness.headers.contains {
                $0.name.lowercased() == "connection" && $0.value.lowercased().contains("close")
            }
            try context.expect(!closes, "each answer closes its connection")
        },
    ]
}
