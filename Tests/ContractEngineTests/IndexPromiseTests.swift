import ContractEngine
import Testing

/// What documents promise of an index, and what it holds, gives and stands.
struct IndexPromiseTests {
    private static func contract(
        projection: String = #""KEYS_ONLY""#, key: String = "queue_name", index: String = "", attribute: String = ""
    ) -> String {
        """
        {"tables": [{"table": "Jobs", "type": "single-entity", "source_table": "jobs", "pk": "job_id",
          "estimated_item_size_bytes": 500, "attributes": [
            {"name": "job_id", "type": "S", "source_table": "jobs", "source_column": "id"},
            {"name": "queue_name", "type": "S", "source_table": "jobs", "source_column": "queue_name"\(attribute)},
            {"name": "job_state", "type": "S", "source_table": "jobs", "source_column": "job_state"},
            {"name": "run_at", "type": "S", "source_table": "jobs", "source_column": "run_at"},
            {"name": "priority_no", "type": "N", "source_table": "jobs", "source_column": "priority_no"}],
          "gsis": [{"index_name": "ByQueue", "pk": "\(key)", "sk": "run_at", "projection": \(projection)\(index)}],
          "satisfies": ["A1", "A2"]}]}
        """
    }

    private func findings(
        _ rule: String, _ contract: String = contract(), operation: String = "Query", place: String = "ByQueue",
        keys: String = "queue_name", put: (words: String, rate: Int) = ("Enqueue a job", 10)
    ) throws -> [Finding] {
        let patterns = """
            | Pattern | Description | Key Attributes | Type | Peak RPS |
            |---|---|---|---|---|
            | A1 | Jobs that wait | \(keys) | Read | 10 |
            | A2 | \(put.words) | job_id | Write | \(put.rate) |
            """
        let model = """
            # Jobs

            ## Access Pattern Mapping

            | Pattern | Table/Index | Operation | Items per call | Notes |
            |---|---|---|---|---|
            | A1 | \(place) | \(operation) | 5 | then GetItem where one is opened |
            | A2 | Jobs | PutItem | 1 | |
            """
        return try GivenDocuments.findings(contract, patterns: patterns, model: model).filter { $0.rule == rule }
    }

    // MARK: Filters

    @Test(arguments: [
        "Query with FilterExpression priority_no > 5", "Query, filter on priority_no",
        "Query (filter: priority_no > 5)",
        "Query (filtered by `priority_no`)",
    ])
    func aFilterSeesOnlyWhatIsInTheIndex(_ operation: String) throws {
        let found = try findings("filter-not-projected", operation: operation)
        #expect(found.map(\.subject) == ["A1"] && found.first?.severity == .error)
        #expect(found.first?.message.contains("filters Jobs.ByQueue by priority_no") == true)
        for projection in [#""ALL""#, #""INCLUDE", "projected_attributes": ["priority_no"]"#] {
            let whole = Self.contract(projection: projection)
            #expect(try findings("filter-not-projected", whole, operation: operation) == [])
        }
        let other = Self.contract(projection: #""INCLUDE", "projected_attributes": ["job_state"]"#)
        #expect(try findings("filter-not-projected", other, operation: operation).count == 1)
    }

    @Test(arguments: [
        "Query (the application filters by priority_no)", "Query; client-side filter on priority_no",
        "Query, no filter on priority_no", "Query with FilterExpression run_at > now", "Query (filter: queue_name)",
        "Query by priority_no", "Query (filter: queue_name, returns priority_no)", "Query; users filter by priority_no",
        "Query without filter; priority_no is sorted later",
    ])
    func whatIsNoFilterOfTheIndexIsNone(_ operation: String) throws {
        #expect(try findings("filter-not-projected", operation: operation) == [])
    }

    @Test func aFilterOfTheTableIsNone() throws {
        let found = try findings(
            "filter-not-projected", operation: "Query, filter on priority_no", place: "Jobs", keys: "job_id")
        #expect(found == [])
    }

    // MARK: GetItem

    @Test(arguments: ["GetItem", "BatchGetItem", "TransactGetItems"])
    func anIndexHasNoGet(_ operation: String) throws {
        let found = try findings("get-from-index", operation: operation)
        #expect(found.map(\.subject) == ["A1"] && found.first?.severity == .error)
        #expect(found.first?.message.contains("A1 is \(operation) on Jobs.ByQueue") == true)
        #expect(found.first?.file == "m.md" && found.first?.line == 7)
    }

    @Test(arguments: ["Query", "Query + GetItem", "GetItem or Query", "Query, then GetItem"])
    func whereAQueryMayBeMeantNothingIsTold(_ operation: String) throws {
        #expect(try findings("get-from-index", operation: operation) == [])
    }

    @Test func aGetOfTheTableIsNone() throws {
        #expect(try findings("get-from-index", operation: "GetItem", place: "Jobs", keys: "job_id") == [])
        #expect(try findings("get-from-index", operation: "GetItem", place: "Jobs, ByQueue", keys: "job_id") == [])
    }

    // MARK: Partitions

    @Test func newItemsOfOneStateGoToOnePartition() throws {
        func found(_ key: String, _ put: (String, Int), index: String = "") throws -> [Finding] {
            try findings(
                "one-partition-overloaded", Self.contract(projection: #""ALL""#, key: key, index: index), keys: key,
                put: put)
        }
        let told = try found("job_state", ("Enqueue a job", 2_500))
        #expect(told.map(\.subject) == ["Jobs.ByQueue"] && told.first?.severity == .warning)
        #expect(told.first?.message.contains("2,500 write units a second by items that are put") == true)
        #expect(try found("job_state", ("Enqueue a job", 900)) == [])
        #expect(try found("job_state", ("Update a job", 2_500)) == [])
        #expect(try found("queue_name", ("Enqueue a job", 2_500)) == [])
        // What the contract counts is no state; and what values cannot hold in all is told once.
        #expect(try found("job_state", ("Enqueue a job", 2_500), index: #", "estimated_distinct_keys": 5000"#) == [])
        #expect(try found("job_state", ("Enqueue a job", 9_000)).count == 1)
    }

    // MARK: Sparse indexes

    @Test(arguments: [#"true"#, #""5% of the jobs""#, #""only jobs that wait""#])
    func whatIsCalledSparseLacksItsKeySomewhere(_ sparse: String) throws {
        let index = #", "sparse": \#(sparse)"#
        let found = try findings("sparse-differs", Self.contract(index: index, attribute: #", "nullable": false"#))
        #expect(found.map(\.subject) == ["Jobs.ByQueue"] && found.first?.column != nil)
        #expect(found.first?.message.contains("every item of Jobs its key (queue_name and run_at)") == true)
        for rule in [
            // Whether it can be NULL is unsaid.
            "", #", "nullable": true"#,
            #", "calculation": {"type": "case", "cases": [{"when": "run_at IS NULL", "then": "queue_name"}]}"#,
            #", "join": {"type": "foreign-key", "target_table": "queues", "join_condition": "queues.id = jobs.queue_name", "select_column": "queues.name"}"#,
        ] {
            #expect(try findings("sparse-differs", Self.contract(index: index, attribute: rule)) == [])
        }
    }

    @Test(arguments: ["false", #""No - every job has a queue""#])
    func whatIsNotCalledSoMayHoldEveryItem(_ sparse: String) throws {
        let required = #", "nullable": false"#
        let contract = Self.contract(index: #", "sparse": \#(sparse)"#, attribute: required)
        #expect(try findings("sparse-differs", contract) == [])
        #expect(try findings("sparse-differs", Self.contract(attribute: required)) == [])
    }

    @Test func whatTheTablesOwnKeyHoldsIsAlwaysThere() throws {
        let found = try findings("sparse-differs", Self.contract(key: "job_id", index: #", "sparse": true"#))
        #expect(found.map(\.subject) == ["Jobs.ByQueue"])
    }

    /// An index of one kind of several is sparse of the others; a share of that kind is something else.
    @Test(arguments: [("true", 0), (#""rides only""#, 0), (#""20% of the items""#, 0), (#""5% of the rides""#, 1)])
    func besideOtherKindsOnlyAShareOfItsOwnIsTold(_ sparse: String, _ count: Int) throws {
        let contract = """
            {"tables": [{"table": "Fleet", "type": "multi-entity", "source_table": "bikes", "pk": "PK", "sk": "SK",
              "gsis": [{"index_name": "Open", "pk": "open_bike", "projection": "ALL", "sparse": \(sparse)}], "entities": [
               {"entity_type": "BIKE", "source_table": "bikes", "pk_template": "BIKE#{bike_id}", "sk_template": "META",
                "attributes": [{"name": "bike_id", "type": "S", "source_table": "bikes", "source_column": "id"}]},
               {"entity_type": "RIDE", "source_table": "rides", "pk_template": "BIKE#{bike_id}", "sk_template": "RIDE#{ride_id}",
                "attributes": [{"name": "bike_id", "type": "S", "source_table": "rides", "source_column": "bike_id"},
                 {"name": "ride_id", "type": "S", "source_table": "rides", "source_column": "id"},
                 {"name": "open_bike", "type": "S", "source_table": "rides", "source_column": "bike_id"}]}]}]}
            """
        #expect(try GivenDocuments.findings(contract).count { $0.rule == "sparse-differs" } == count)
    }
}
