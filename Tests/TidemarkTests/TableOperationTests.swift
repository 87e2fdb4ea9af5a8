import AWSCore
import ContractModel
import JSONBytes
import Telemetry
import TestSupport
import Testing
import Tidemark

struct TableOperationTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    private static let created = #"{"TableDescription":{"TableName":"Orders","TableStatus":"CREATING"}}"#

    @Test func aSpecificationSendsAllThatItSays() async throws {
        let harness = try Harness { _, _ in answer(Self.created) }
        var specification = TableSpecification(
            OperationTests.orders, billing: .provisioned(Throughput(reads: 10, writes: 5)))
        specification.indexThroughput = ["ByCustomer": Throughput(reads: 2, writes: 1)]
        specification.localIndexes = [LocalIndex(name: "ByTotal", sortKey: KeyAttribute(name: "total", type: .N))]
        specification.tags = ["team": "a", "cost": "b"]
        specification.isProtectedFromDeletion = true
        specification.stream = .newAndOldImages
        specification.encryption = .customerManaged(key: "k-1")
        specification.tableClass = .infrequentAccess
        try await harness.client.createTable(specification)
        let body = try harness.body()
        #expect(body["BillingMode"]?.stringValue == "PROVISIONED")
        #expect(try body["ProvisionedThroughput"] == json(#"{"ReadCapacityUnits":10,"WriteCapacityUnits":5}"#))
        #expect(
            body["AttributeDefinitions"]?.arrayValue?.compactMap { $0["AttributeName"]?.stringValue }
                == ["id", "at", "customer", "total"])
        let index = body["GlobalSecondaryIndexes"]?[0]
        #expect(try index?["ProvisionedThroughput"] == json(#"{"ReadCapacityUnits":2,"WriteCapacityUnits":1}"#))
        #expect(
            try body["LocalSecondaryIndexes"]?[0]
                == json(
                    #"{"IndexName":"ByTotal","KeySchema":[{"AttributeName":"id","KeyType":"HASH"},"#
                        + #"{"AttributeName":"total","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}"#))
        #expect(try body["Tags"] == json(#"[{"Key":"cost","Value":"b"},{"Key":"team","Value":"a"}]"#))
        #expect(body["DeletionProtectionEnabled"]?.boolValue == true)
        #expect(
            try body["StreamSpecification"]
                == json(#"{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}"#))
        #expect(
            try body["SSESpecification"] == json(#"{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"k-1"}"#))
        #expect(body["TableClass"]?.stringValue == "STANDARD_INFREQUENT_ACCESS")
    }

    @Test func aSpecificationThatCannotBeIsNotSent() async throws {
        let harness = try Harness { _, _ in answer(Self.created) }
        var unknown = TableSpecification(OperationTests.orders)
        unknown.indexThroughput = ["Nope": Throughput(reads: 1, writes: 1)]
        var local = TableSpecification(ContractTable(name: "T", partitionKey: KeyAttribute(name: "id")))
        local.localIndexes = [LocalIndex(name: "L", sortKey: KeyAttribute(name: "x"))]
        let none = TableSpecification(OperationTests.orders, billing: .provisioned(Throughput(reads: 0, writes: 1)))
        for specification in [unknown, local, none] {
            let error = await failure { () throws(TidemarkError) in
                try await harness.client.createTable(specification)
            }
            #expect(error.code == .validation)
        }
        #expect(harness.transport.requests.isEmpty)
    }

    @Test func warmThroughputIsSentAndRead() async throws {
        let harness = try Harness { _, number in
            number < 4
                ? answer(Self.created)
                : answer(
                    #"{"Table":{"TableName":"Orders","WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"},"#
                        + #""GlobalSecondaryIndexes":[{"IndexName":"G","WarmThroughput":{"ReadUnitsPerSecond":0,"WriteUnitsPerSecond":0}}]}}"#
                )
        }
        let warm = Throughput(reads: 20_000, writes: 5_000)
        let written = try json(#"{"ReadUnitsPerSecond":20000,"WriteUnitsPerSecond":5000}"#)
        var specification = TableSpecification(OperationTests.orders)
        specification.warmThroughput = warm
        specification.indexWarmThroughput = ["ByCustomer": warm]
        try await harness.client.createTable(specification)
        #expect(try harness.body()["WarmThroughput"] == written)
        #expect(try harness.body()["GlobalSecondaryIndexes"]?.arrayValue?.first?["WarmThroughput"] == written)
        var change = TableChange(indexes: [.warm(name: "G", warm)])
        change.warmThroughput = warm
        try await harness.client.updateTable("Orders", change)
        #expect(try harness.body(1)["WarmThroughput"] == written)
        let update = try harness.body(1)["GlobalSecondaryIndexUpdates"]?.arrayValue?.first?["Update"]
        #expect(update?["IndexName"]?.stringValue == "G" && update?["WarmThroughput"] == written)
        let index = ContractIndex(name: "ByDay", partitionKey: KeyAttribute(name: "day"))
        try await harness.client.updateTable("Orders", TableChange(indexes: [.create(index, warm: warm)]))
        let created = try harness.body(2)["GlobalSecondaryIndexUpdates"]?.arrayValue?.first?["Create"]
        #expect(created?["WarmThroughput"] == written)
        let table = try await harness.client.describeTable("Orders")
        #expect(table.warmThroughput == Throughput(reads: 12_000, writes: 4_000))
        #expect(table.indexWarmThroughput.isEmpty, "a local server's zeros mean nothing")
    }

    @Test func aDescriptionReadsAllThatItSays() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"Table":{"TableName":"Orders","TableStatus":"ACTIVE","TableArn":"arn:t","TableSizeBytes":9,"#
                    + #""ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":5},"#
                    + #""DeletionProtectionEnabled":true,"TableClassSummary":{"TableClass":"STANDARD"},"#
                    + #""StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"},"LatestStreamArn":"arn:s","#
                    + #""AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"x","AttributeType":"N"}],"#
                    + #""KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"#
                    + #""LocalSecondaryIndexes":[{"IndexName":"L","KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"x","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],"#
                    + #""GlobalSecondaryIndexes":[{"IndexName":"G","IndexStatus":"ACTIVE","KeySchema":[{"AttributeName":"x","KeyType":"HASH"}],"ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":1}}]}}"#
            )
        }
        let table = try await harness.client.describeTable("Orders")
        #expect(table.arn == "arn:t" && table.sizeInBytes == 9 && table.isProtectedFromDeletion)
        #expect(table.throughput == Throughput(reads: 10, writes: 5))
        #expect(table.indexThroughput == ["G": Throughput(reads: 2, writes: 1)])
        #expect(table.tableClass == .standard && table.stream == .keysOnly && table.streamARN == "arn:s")
        #expect(
            table.localIndexes
                == [LocalIndex(name: "L", sortKey: KeyAttribute(name: "x", type: .N), projection: .keysOnly)])
    }

    @Test func aChangeSendsOnlyWhatItChanges() async throws {
        let harness = try Harness { _, _ in answer(Self.created) }
        let client = harness.client
        let index = ContractIndex(name: "ByDay", partitionKey: KeyAttribute(name: "day"))
        try await client.updateTable("Orders", TableChange(billing: .onDemand))
        try await client.updateTable("Orders", TableChange(indexes: [.create(index)]))
        try await client.updateTable(
            "Orders",
            TableChange(indexes: [.update(name: "A", Throughput(reads: 1, writes: 2)), .delete(name: "B")]))
        try await client.updateTable("Orders", TableChange(isProtectedFromDeletion: false, stream: .off))
        #expect(try harness.body(0) == json(#"{"TableName":"Orders","BillingMode":"PAY_PER_REQUEST"}"#))
        #expect(
            try harness.body(1)
                == json(
                    #"{"TableName":"Orders","AttributeDefinitions":[{"AttributeName":"day","AttributeType":"S"}],"#
                        + #""GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"ByDay","KeySchema":[{"AttributeName":"day","KeyType":"HASH"}],"#
                        + #""Projection":{"ProjectionType":"ALL"}}}]}"#))
        #expect(
            try harness.body(2)["GlobalSecondaryIndexUpdates"]
                == json(
                    #"[{"Update":{"IndexName":"A","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}}},"#
                        + #"{"Delete":{"IndexName":"B"}}]"#))
        #expect(
            try harness.body(3)
                == json(
                    #"{"TableName":"Orders","DeletionProtectionEnabled":false,"StreamSpecification":{"StreamEnabled":false}}"#
                ))
        let error = await failure { () throws(TidemarkError) in try await client.updateTable("Orders", TableChange()) }
        #expect(error.code == .validation)
    }

    @Test func timeToLiveIsAskedForAndSwitched() async throws {
        let harness = try Harness { _, number in
            answer(
                number == 1
                    ? #"{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}"#
                    : #"{"TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}}"#)
        }
        #expect(try await harness.client.describeTimeToLive("T").status == "DISABLED")
        let changed = try await harness.client.updateTimeToLive("T", attribute: "ttl")
        #expect(changed.status == "ENABLING" && changed.attribute == "ttl")
        #expect(
            try harness.body(1)
                == json(#"{"TableName":"T","TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}}"#))
    }

    @Test func tagsAreReadOverPagesPutAndTakenOff() async throws {
        let harness = try Harness { _, number in
            switch number {
            case 1: answer(#"{"Tags":[{"Key":"a","Value":"1"}],"NextToken":"t"}"#)
            case 2: answer(#"{"Tags":[{"Key":"b","Value":"2"}]}"#)
            default: answer("")
            }
        }
        #expect(try await harness.client.tags(ofResource: "arn:t") == ["a": "1", "b": "2"])
        try await harness.client.tagResource("arn:t", tags: ["c": "3"])
        try await harness.client.untagResource("arn:t", names: ["a"])
        #expect(try harness.body(1) == json(#"{"ResourceArn":"arn:t","NextToken":"t"}"#))
        #expect(try harness.body(2) == json(#"{"ResourceArn":"arn:t","Tags":[{"Key":"c","Value":"3"}]}"#))
        #expect(try harness.body(3) == json(#"{"ResourceArn":"arn:t","TagKeys":["a"]}"#))
    }

    @Test func backupsSayWhatCanBeRestored() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":"#
                    + #"{"PointInTimeRecoveryStatus":"ENABLED","RecoveryPeriodInDays":7,"EarliestRestorableDateTime":1.7e9,"#
                    + #""LatestRestorableDateTime":1700000000.25}}}"#)
        }
        let backups = try await harness.client.updateContinuousBackups(
            "T", isPointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 7)
        #expect(backups.isPointInTimeRecoveryEnabled && backups.recoveryPeriodInDays == 7)
        #expect(backups.earliestRestorable == Timestamp(secondsSince1970: 1_700_000_000))
        #expect(backups.latestRestorable == Timestamp(nanosecondsSince1970: 1_700_000_000_250_000_000))
        #expect(
            try harness.body()["PointInTimeRecoverySpecification"]
                == json(#"{"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":7}"#))
        #expect(try await harness.client.describeContinuousBackups("T") == backups)
    }

    @Test func insightsAreSwitchedAskedForAndListed() async throws {
        let harness = try Harness { _, number in
            switch number {
            case 1: answer(#"{"TableName":"T","IndexName":"I","ContributorInsightsStatus":"ENABLING"}"#)
            case 2:
                answer(
                    #"{"TableName":"T","ContributorInsightsStatus":"ENABLED","ContributorInsightsRuleList":["r"]}"#)
            case 3:
                answer(
                    #"{"ContributorInsightsSummaries":[{"TableName":"T","ContributorInsightsStatus":"ENABLED"}],"NextToken":"t"}"#
                )
            default: answer(#"{"ContributorInsightsSummaries":[]}"#)
            }
        }
        let switched = try await harness.client.updateContributorInsights("T", index: "I", isEnabled: true)
        #expect(switched.index == "I" && switched.status == "ENABLING")
        #expect(
            try harness.body() == json(#"{"TableName":"T","IndexName":"I","ContributorInsightsAction":"ENABLE"}"#))
        #expect(try await harness.client.describeContributorInsights("T").rules == ["r"])
        var listed: [ContributorInsights] = []
        for try await page in harness.client.contributorInsightsPages() { listed += page }
        #expect(listed.map(\.table) == ["T"])
        #expect(try harness.body(3) == json(#"{"NextToken":"t"}"#))
        let counters = try harness.counters()
        #expect(counters[SeriesKey(table: "T", index: "I", operation: "UpdateContributorInsights")]?.calls == 1)
        #expect(counters[SeriesKey(table: "", operation: "ListContributorInsights")]?.calls == 2)
    }

    @Test func theAccountsLimitsAndHostsAreRead() async throws {
        let harness = try Harness { _, number in
            number == 1
                ? answer(
                    #"{"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":70000,"#
                        + #""TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":30000}"#)
                : number == 2
                    ? answer(#"{"Endpoints":[{"Address":"dynamodb.x","CachePeriodInMinutes":1440}]}"#) : answer("{}")
        }
        let limits = try await harness.client.describeLimits()
        #expect(limits.account == Throughput(reads: 80_000, writes: 70_000))
        #expect(limits.table == Throughput(reads: 40_000, writes: 30_000))
        #expect(try await harness.client.describeEndpoints().map(\.address) == ["dynamodb.x"])
        let error = await failure { () throws(TidemarkError) in _ = try await harness.client.describeLimits() }
        #expect(error.code == .malformedResponse)
    }

    // MARK: Any operation

    @Test func anyOperationIsCalledByItsNameAndMeasured() async throws {
        let harness = try Harness { _, number in
            number == 1 ? answer(#"{"BackupDetails":{}}"#) : refusal("BackupNotFoundException")
        }
        let body = try await harness.client.call(
            "DescribeBackup", body: #"{"BackupArn":"arn"}"#, table: "T", options: .pattern("AP1"))
        #expect(String(decoding: body, as: UTF8.self) == #"{"BackupDetails":{}}"#)
        #expect(harness.transport.requests[0].header("X-Amz-Target") == "DynamoDB_20120810.DescribeBackup")
        #expect(try harness.body() == json(#"{"BackupArn":"arn"}"#))
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.call("DescribeBackup", table: "T", options: .pattern("AP1"))
        }
        #expect(error.underlying?.code == "BackupNotFoundException")
        let series = try harness.counters()[SeriesKey(table: "T", operation: "DescribeBackup", pattern: "AP1")]
        #expect(series?.calls == 2 && series?.calls(.success) == 1)
    }

    @Test func whatAnyOperationConsumesIsRecorded() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"ConsumedCapacity":[{"TableName":"T","CapacityUnits":2}]}"#)
        }
        try await harness.client.call("BatchWriteItem", body: "{}")
        try await harness.client.call("Scan", body: "{}")
        let counters = try harness.counters()
        #expect(counters[SeriesKey(table: "T", operation: "BatchWriteItem")]?.writeMilliUnits == 2_000)
        #expect(counters[SeriesKey(table: "T", operation: "Scan")]?.readMilliUnits == 2_000)
    }

    @Test func aNameOrBodyThatCannotBeIsNotSentAndNoSeriesIsMadeOfIt() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let refused: [(String, String)] = [
            ("", "{}"), ("Get Item", "{}"), ("Get\r\nX: y", "{}"), (String(repeating: "a", count: 65), "{}"),
            ("Größe", "{}"), ("Scan", "[]"), ("Scan", ""), ("Scan", "{} {}"), ("Scan", "{"),
        ]
        for (name, body) in refused {
            let error = await failure { () throws(TidemarkError) in try await harness.client.call(name, body: body) }
            #expect(error.code == .validation, "\(name) \(body)")
        }
        #expect(harness.transport.requests.isEmpty)
        #expect(
            Set(try harness.counters().keys.map(\.operation)) == ["InvalidOperation", "Scan"])
    }

    @Test func anAnswerThatIsNoObjectIsMalformed() async throws {
        let harness = try Harness { _, _ in answer("[]") }
        let error = await failure { () throws(TidemarkError) in try await harness.client.call("DescribeBackup") }
        #expect(error.code == .malformedResponse)
    }

    // MARK: Options

    @Test func aPageOfAllAttributesIsAskedForAndItsStartIsChecked() async throws {
        let harness = try Harness { _, _ in answer(#"{"Count":0,"ScannedCount":0}"#) }
        let client = harness.client
        _ = try await client.scan(table: "T", index: "L", allAttributes: true)
        #expect(try harness.body()["Select"]?.stringValue == "ALL_ATTRIBUTES")
        let five = Item(uniqueKeysWithValues: (0..<5).map { ("k\($0)", AttributeValue.number($0)) })
        for start: Item in [[:], five, ["id": true]] {
            let error = await failure { () throws(TidemarkError) in
                _ = try await client.scan(table: "T", startAfter: start)
            }
            #expect(error.code == .validation)
        }
        let both = await failure { () throws(TidemarkError) in
            _ = try await client.scan(table: "T", countOnly: true, allAttributes: true)
        }
        #expect(both.code == .validation)
        #expect(harness.transport.requests.count == 1)
    }

    @Test func anIndexsKeyIsCheckedWhereTheItemHasIt() async throws {
        let harness = try Harness(configure: { $0.contract = RecordingTests.contract }) { _, _ in answer("{}") }
        let order: Item = ["id": "o-1", "at": 5]
        let refused: [AttributeValue] = ["", true, .null, .string(String(repeating: "x", count: 2_049))]
        for value in refused {
            let item = order.merging(["customer": value]) { $1 }
            let error = await failure { () throws(TidemarkError) in
                try await harness.client.putItem(table: "Orders", item: item)
            }
            #expect(error.code == .validation)
        }
        #expect(harness.transport.requests.isEmpty)
        try await harness.client.putItem(table: "Orders", item: order)
    }

    @Test func theCallersOwnTokenGoesWithItsTransaction() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        for _ in 1...2 {
            try await harness.client.transactWriteItems([.delete(table: "T", key: ["id": "1"])], token: "order-17")
        }
        #expect(
            try (0..<2).map { try harness.body($0)["ClientRequestToken"]?.stringValue } == ["order-17", "order-17"])
    }
}
