internal import ContractEngine

/// Small documents with something of everything in them, for a mutator.
enum Seeds {
    static let all: [[SourceText]] = [
        [
            text("contract.json", whole), text("patterns.md", patterns), text("model.md", model),
            text("mapping.yaml", mapping),
        ],
        [
            text("contract.json", older),
            text("patterns.csv", "id,description,rps,type\n1,A book,5,Read\n2,Books,7,Write\n"),
        ],
        [text("contract.json", constructs)],
        [text("contract.yaml", yaml), text("interfaces.ts", interfaces)],
        [
            text("contract.json", fragment),
            text("patterns.json", "[{\"id\": 1, \"rps\": {\"peak\": 9}, \"type\": \"Read\"}]"),
        ],
    ]

    private static func text(_ name: String, _ text: String) -> SourceText { SourceText(name: name, text: text) }

    private static let whole = """
        {"tables":[{"table":"Users","type":"multi-entity","source_table":"users","pk":"PK","sk":"SK","attributes":[],
        "gsis":[{"index_name":"G1","pk":"G1PK","sk":null,"projection":"INCLUDE","projected_attributes":["email"]}],
        "entities":[{"entity_type":"USER","source_table":"users","pk_template":"{email}","sk_template":"#META","attributes":[
        {"name":"PK","type":"S","source_table":"users","source_column":"email"},
        {"name":"G1PK","type":"S","source_table":"users","source_column":"id","nullable":true},
        {"name":"email","type":"S","source_table":"users","source_column":"email","unique":true}]},
        {"entity_type":"ORDER","source_table":"orders","pk_template":"{user_email}","sk_template":"O#{created_at}#{order_id}",
        "attributes":[{"name":"PK","type":"S","source_table":"orders","source_column":"user_id","join":{"type":"foreign-key",
        "target_table":"users","join_condition":"users.id = orders.user_id","select_column":"users.email"}},
        {"name":"order_id","type":"S","source_table":"orders","source_column":"id"},
        {"name":"created_at","type":"S","source_table":"orders","source_column":"created_at"}]}],
        "satisfies":["AP1","AP2-3"],"estimated_item_size_bytes":4096}]}
        """

    private static let patterns = """
        ## Load: Reading (60%), Writing (30%), Rest (10%) distribution
        | Pattern # | Description | Peak RPS | Average RPS | Type | Key Attributes |
        |---|---|---|---|---|---|
        | **AP1** | Create user | 10 | 5 | Write | email |
        | **AP2** | Get order | 1,200/40 | 7 | Read | order_id, user_id |
        | AP3 | Log out | 250 | 250 | None | token |
        ### Group (260 QPS - 20%)
        - **Part**: 10 QPS (AP1)
        **Sum of all**: 1,460 RPS; email must be unique; all 3 access patterns
        """

    private static let model = """
        ### Users Table
        - **Partition Key**: `PK = <email>` - by mail
        - **Access Patterns Served**: AP1 (`G1PK = id`), AP2
        - **Capacity Planning**: 770 RPS reads, 10 RPS writes
        - `email` (S): mail
        ### G1: lookup
        - **Capacity Planning**: 5 RPS reads
        ## Mapping
        | Pattern | Tables/Indexes | DynamoDB Operations | Notes |
        |---|---|---|---|
        | AP1-2 | Users, OrdersByStatus | TransactWriteItems + Query | unique |
        ### Unsolved
        - **Pattern #3**: nothing
        | Table | RCU | WCU |
        |---|---|---|
        | Users | $1.00 | $2.00 |
        | Total | $1.00 | $3.00 |
        ## Hot Partition Analysis
        - **OrdersByStatus GSI**: hot
        """

    private static let mapping =
        "AP2:\n  - {table: Users, index: G1, operation: Query, items: 20, consistency: strong}\n"

    private static let older = """
        [{"table":"Books","type":"Table","source_table":"books","pk":"isbn","sk":"year","gsis":[{"name":"By","pk":"author_id"}],
        "attributes":{"isbn":{"type":"S","source_table":"books","source_column":"isbn"},"author":{"type":"S","source_table":
        "authors","source_column":"name","join":{"local_column":"author_id","source_column":"id"},"denormalized":true}},
        "satisfies":["A book","#2"]},{"table":"ByYear","type":"GSI","source_table":"books","pk":"year"}]
        """

    private static let constructs = """
        {"tables":[{"table":"T","source_table":"t","pk":"id","ttl":"ends","unique_constraints":["id"],"attributes":[
        {"name":"id","type":"S","source_table":"t","source_column":"id","transformation":{"type":"number-format","format":"%08d"}},
        {"name":"a","type":"S","join":{"type":"self-join","join_alias":"p","join_condition":"p.id = t.parent_id",
        "select_column":"p.name","null_value":"ROOT"}},{"name":"b","type":"S","join":{"type":"chain","chain_separator":">",
        "joins":[{"target_table":"u","join_condition":"u.id = t.u AND u.x IN (1, 2)","select_column":"CONCAT(u.a, '-', u.b)"}]}},
        {"name":"c","type":"L","join":{"type":"json-construction","target_table":"v","join_condition":"v.t = t.id","construction":
        {"type":"array","order_by":"v.at DESC","select_columns":{"x":"v.x * 2"}}}},{"name":"d","type":"N","calculation":{"type":
        "aggregate","target_table":"v","join_condition":"v.t = t.id","operation":"SUM","select_column":"v.n"}},{"name":"e",
        "type":"S","calculation":{"type":"case","cases":[{"when":"x IS NULL OR NOT (y > 3)","then":"'z'"}],"else":"w"}},
        {"name":"ends","type":"N","calculation":{"type":"date-math","expression":"DATE_ADD(at, INTERVAL 3 DAY)"},"transformation":
        {"type":"date-format","format":"yyyy-MM-dd'T'HH:mm","source_format":"%Y-%m-%d"}}]}]}
        """

    private static let yaml = """
        tables:
          - table: S
            pk: id
            attributes: &a
              - {name: id, type: S, source_column: id}
            satisfies: [AP1]
        """

    private static let interfaces =
        "interface ISRepository {\n  findById(id: string): S;\n  getByName(name: string): S;\n}\n"

    private static let fragment = """
        {"table":"H","pk":"user_id","sk":"product_id#order_date","gsis":[{"index_name":"M","pk":"month","sk":"user_id#month"}],
        "attributes":[{"name":"user_id","type":"S"},{"name":"month","type":"S"}],"colour":[1,{"x":null}]}
        """
}
