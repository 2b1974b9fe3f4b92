## Words of the editor's page
