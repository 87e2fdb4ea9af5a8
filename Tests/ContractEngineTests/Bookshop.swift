import ContractEngine

/// A small contract that is right, in texts that the tests break one at a time.
enum Bookshop {
    static let contract = """
        {"tables": [
          {"table": "Readers", "type": "multi-entity", "source_table": "readers", "pk": "PK", "sk": "SK",
           "attributes": [],
           "gsis": [{"index_name": "ByLoan", "pk": "loan_id", "projection": "KEYS_ONLY"}],
           "entities": [
             {"entity_type": "READER", "source_table": "readers", "pk_template": "{email}", "sk_template": "#META",
              "estimated_item_size_bytes": 500, "attributes": [
               {"name": "PK", "type": "S", "source_table": "readers", "source_column": "email"},
               {"name": "SK", "type": "S", "source_table": "readers", "source_column": "email",
                "transformation": {"type": "string-format", "format": "#META"}},
               {"name": "full_name", "type": "S", "source_table": "readers", "source_column": "name"}]},
             {"entity_type": "LOAN", "source_table": "loans", "pk_template": "{email}", "sk_template": "LOAN#{loan_id}",
              "estimated_item_size_bytes": 2000, "attributes": [
               {"name": "PK", "type": "S", "source_table": "loans", "source_column": "reader_id",
                "join": {"type": "foreign-key", "target_table": "readers",
                 "join_condition": "readers.id = loans.reader_id", "select_column": "readers.email"}},
               {"name": "SK", "type": "S", "source_table": "loans", "source_column": "loan_id",
                "transformation": {"type": "string-format", "format": "LOAN#{loan_id}"}},
               {"name": "loan_id", "type": "S", "source_table": "loans", "source_column": "loan_id"},
               {"name": "due", "type": "S", "source_table": "loans", "source_column": "due"}]}],
           "satisfies": ["AP1", "AP2", "AP3", "AP4"], "estimated_item_size_bytes": 1000},
          {"table": "Books", "type": "single-entity", "source_table": "books", "pk": "isbn",
           "gsis": [{"index_name": "ByAuthor", "pk": "author_id", "sk": "printed", "projection": "ALL"}],
           "attributes": [
             {"name": "isbn", "type": "S", "source_table": "books", "source_column": "isbn"},
             {"name": "author_id", "type": "S", "source_table": "books", "source_column": "author_id"},
             {"name": "printed", "type": "N", "source_table": "books", "source_column": "year"}],
           "satisfies": ["AP3", "AP5", "AP6"], "estimated_item_size_bytes": 5000}
        ]}
        """

    static let patterns = """
        # Patterns

        | Pattern # | Description | Peak RPS | Average RPS | Type | Key Attributes |
        |---|---|---|---|---|---|
        | **AP1** | Register a reader | 4 | 1 | Write | email |
        | **AP2** | List a reader's loans | 30 | 10 | Read | email, LOAN# prefix |
        | **AP3** | Lend a book | 10 | 3 | Write | email, loan_id, isbn |
        | **AP4** | Find a loan by its number | 2 | 1 | Read | loan_id |
        | **AP5** | Show a book | 100 | 40 | Read | isbn |
        | **AP6** | Books of an author | 20 | 8 | Read | author_id |
        | **AP7** | Search in titles | 50 | 20 | Read | words |
        | **AP8** | Log out | 5 | 2 | None | token |

        **Sum of all**: 166 RPS in DynamoDB
        """

    static let model = """
        # Model

        ### Readers Table
        - **Access Patterns Served**: AP1-4
        - **Capacity Planning**: 32 RPS reads, 14 RPS writes

        ### ByLoan: a loan by its number
        - **Access Patterns Served**: AP4 (`loan_id = number`)
        - **Capacity Planning**: 2 RPS reads

        ### Books Table
        - **Access Patterns Served**: AP3, AP5, AP6
        - **Capacity Planning**: 120 RPS reads, 10 RPS writes

        ### ByAuthor: by author
        - **Access Patterns Served**:
          - Books of an author (AP6: `author_id = id` and `printed = y`)
        - **Capacity Planning**: 20 RPS reads

        ## Access Pattern Mapping

        | Pattern | Description | Tables/Indexes | DynamoDB Operations |
        |---|---|---|---|
        | AP1 | Register | Readers | PutItem |
        | AP2 | Loans | Readers | Query |
        | AP3 | Lend | Readers, Books | TransactWriteItems |
        | AP4 | Loan | Readers.ByLoan | Query |
        | AP5 | Book | Books | GetItem |
        | AP6 | Author | Books.ByAuthor | Query |

        ### Unsolved Patterns
        - **Pattern #7**: Search in titles - **Solution**: a search engine

        ## Cost Estimates

        | Table/Index | Monthly RCU Cost | Monthly WCU Cost |
        |---|---|---|
        | Readers | $10.00 | $40.00 |
        | Books | $50.00 | $60.00 |
        """

    /// The documents with some text replaced.
    static func document(
        contract: [(String, String)] = [], patterns: [(String, String)] = [], model: [(String, String)] = [],
        mapping: String? = nil
    ) throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "contract.json", text: replaced(Bookshop.contract, contract)),
            patterns: SourceText(name: "patterns.md", text: replaced(Bookshop.patterns, patterns)),
            model: SourceText(name: "model.md", text: replaced(Bookshop.model, model)),
            mapping: mapping.map { SourceText(name: "mapping.yaml", text: $0) })
    }

    struct NotThere: Error {
        var text: String
    }

    private static func replaced(_ text: String, _ changes: [(String, String)]) throws -> String {
        try changes.reduce(text) { text, change in
            guard text.contains(change.0) else { throw NotThere(text: change.0) }
            return text.split(separator: change.0, omittingEmptySubsequences: false).joined(separator: change.1)
        }
    }
}
