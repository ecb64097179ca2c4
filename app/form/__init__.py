"""The assessment form as a page: the Questionnaire drawn as HTML, its answers gathered as a QuestionnaireResponse."""
